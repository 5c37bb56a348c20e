"""The nightly flow as a Prefect deployment: every day at 02:00 in Asia/Shanghai."""

from pathlib import Path

from flows import edge
from flows.status import WrongUse

CRON, ZONE = "0 2 * * *", "Asia/Shanghai"


def serve_nightly(site: Path) -> None:
    """Serve until interrupted. The site is checked first: a wrong one is told now, not at two in the morning."""
    from flows.wiring import load_site

    load_site(site)
    edge.prepare_libraries()
    from prefect.schedules import Cron

    from flows.nightly import nightly

    if not site.is_file():
        raise WrongUse(f"{site} is not a file; --site wants a site.toml")
    nightly.serve(
        name=f"nightly-{site.resolve().parent.name}",
        schedule=Cron(CRON, timezone=ZONE),
        parameters={"site": str(site.resolve())},
        limit=1,
        print_starting_message=True,
    )
