"""The EDI dealer: X12 4010 documents in a watched folder or over SFTP."""
