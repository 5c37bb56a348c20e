"""`nuanxin report`: make the pack of a night, verify one, show the public key."""

from dataclasses import asdict
from datetime import date
from pathlib import Path

from flows import wiring
from flows.commands import Told
from flows.pack.facts import audited_night
from flows.pack.files import pack_files
from flows.pack.folder import check_out, is_pack, write_pack
from flows.pack.verifying import Fault, Verified, verify_pack
from flows.saying import say
from flows.settings import Site
from flows.status import DONE, WRONG_USE, WrongUse
from flows.words import word
from warehouse.signing import PublicKeyUnreadable, SigningKey

_LANGS = ("zh", "en")


def usage(lang: str) -> str:
    """What goes together on the command line."""
    return word("pack.usage", lang)


def make_pack(path: Path, night: date, out: Path, lang: str) -> Told:
    """Write the pack of a published night into the folder `out`; WrongUse where it cannot be."""
    site, out = wiring.load_site(path), out.resolve()
    check_out(out, lang)
    warehouse = wiring.open_warehouse(site)
    try:
        key = _key(site, lang)
        told = audited_night(site, warehouse, night, key.fingerprint, lang)
    finally:
        warehouse.dispose()
    files = pack_files(told, key.public_pem)
    write_pack(out, files, key, lang)
    page = {
        "out": str(out),
        "business_date": night.isoformat(),
        "files": len(files) + 2,
        "bytes": sum(map(len, files.values())),
        "signed_with": key.fingerprint,
    }
    return Told(page, {each: word("pack.made", each).format(**page) for each in _LANGS})


def show_key(path: Path, lang: str) -> Told:
    """The public key by which a site's packs are verified, and its fingerprint."""
    key = _key(wiring.load_site(path), lang)
    page = {"fingerprint": key.fingerprint, "public_key": key.public_pem.decode()}
    return Told(page, {each: word("pack.key", each).format(**page) for each in _LANGS})


def verify(folder: Path, key: Path | None, lang: str) -> Told:
    """Verify a pack; exit status 2 where anything is wrong with it."""
    if not folder.is_dir():
        raise WrongUse(word("pack.no_folder", lang).format(folder=folder))
    try:
        found = verify_pack(folder, None if key is None else key.read_bytes())
    except (OSError, PublicKeyUnreadable):
        raise WrongUse(word("pack.no_public_key", lang).format(key=key)) from None
    page = asdict(found) | {"verified": not found.faults}
    page["faults"] = [asdict(each) | {lang: _says(each, lang) for lang in _LANGS} for each in found.faults]
    return Told(page, {each: _text(found, folder, each) for each in _LANGS}, WRONG_USE if found.faults else DONE)


def _key(site: Site, lang: str) -> SigningKey:
    """The site's signing key; when it is made, it is said so."""
    file = wiring.signing_key_file(site)
    is_new = not file.exists()
    key = SigningKey.at(file)
    if is_new:
        say(word("pack.key.made", lang).format(path=file, fingerprint=key.fingerprint))
    return key


def _text(found: Verified, folder: Path, lang: str) -> str:
    facts = {"files": found.files, "night": found.night, "site": found.site, "fingerprint": found.fingerprint}
    if found.faults:
        kind = "" if is_pack(folder) else word("pack.no_pack", lang).format(folder=folder) + "\n"
        lines = [word("pack.faults", lang).format(count=len(found.faults), folder=folder)]
        return kind + "\n".join(lines + [_says(each, lang) for each in found.faults])
    trust = "pack.own_key" if found.is_own_key else "pack.given_key"
    return "\n".join(word(key, lang).format(**facts) for key in ("pack.verified", trust))


def _says(fault: Fault, lang: str) -> str:
    return word(f"pack.fault.{fault.code}", lang).format(**asdict(fault))
