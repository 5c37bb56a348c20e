"""The pure rooms: standardising, records, mentions, linkage, families and law."""
