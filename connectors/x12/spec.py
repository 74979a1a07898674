"""The passport of the EDI dealer."""

from __future__ import annotations

from hub.ports.channel import Can, ConnectorSpec, Field

SPEC = ConnectorSpec(
    name="x12",
    title="EDI dealer (X12 4010)",
    can=frozenset(
        {Can.PULL_ORDERS, Can.PUSH_STOCK, Can.PUSH_SHIPMENT, Can.ACCEPT_ORDER, Can.REFUSE_ORDER, Can.SEND_RECEIPT}
    ),
    settings=(
        Field("inbound_dir", "Folder with the dealer's documents", "The dealer puts 850 files here; we move them on."),
        Field("outbound_dir", "Folder for our documents", "We put 997, 855, 856 and 846 files here."),
        Field("our_id", "Our interchange id", "Up to 15 characters, as agreed with the dealer (his ISA08)."),
        Field("partner_id", "Dealer's interchange id", "Up to 15 characters (his ISA06 or GS02)."),
        Field("our_qualifier", "Our id qualifier", "ISA07, e.g. ZZ, 01, 12.", False, "ZZ"),
        Field("partner_qualifier", "Dealer's id qualifier", "ISA05, e.g. ZZ, 01, 12.", False, "ZZ"),
        Field(
            "transport",
            "Where the folders are",
            "folder (on this machine or mounted) or sftp.",
            False,
            "folder",
            ("folder", "sftp"),
        ),
        Field("archive_dir", "Folder for files that were read", "Default: archive in the inbound folder.", False),
        Field("rejected_dir", "Folder for files with faults", "Default: rejected in the inbound folder.", False),
        Field("sftp_host", "SFTP server", "Name or address.", False),
        Field("sftp_port", "SFTP port", "", False, "22"),
        Field("sftp_user", "SFTP user", "", False),
        Field("sftp_host_key", "SFTP host key", "ssh-ed25519 AAAA... or SHA256:...; get it with ssh-keyscan.", False),
        Field("item_qualifier", "Whose item numbers are ours", "LIN and PO1 qualifier, e.g. VN, UP, SK.", False, "VN"),
        Field("currency", "Currency", "Where an order names none (CUR), e.g. USD.", False),
        Field("country", "Country", "Where an address names none (N404), e.g. US.", False),
        Field(
            "zone", "Dealer's time zone", "For dates and times without a time code, e.g. America/Chicago.", False, "UTC"
        ),
        Field("test_orders", "Test interchanges (ISA15 = T)", "hold or import.", False, "hold", ("hold", "import")),
        Field("settle_s", "Seconds a file must stay unchanged", "Time between two looks at the folder.", False, "1"),
        Field("patience_s", "Seconds to wait for a file's end", "Without IEA it may still be growing.", False, "60"),
    ),
    secrets=(
        Field("sftp_password", "SFTP password", "", False),
        Field("sftp_key", "SFTP private key", "Text without a passphrase, instead of the password.", False, lines=6),
    ),
    calls_per_second=0.0,
    max_stock_lines=1000,
    overlap_s=0,
    poll_s=30,
    stock_mode="file",
    docs="connectors/x12/README.md",
)
