"""SHA-256 of the packaged card, written by `stance promote`: digests beside the files prove damage, this one tampering."""

CARD_SHA256 = ""
