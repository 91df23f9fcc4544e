"""SHA-256 of the packaged card, written by `stance promote`: digests beside the files prove damage, this one tampering."""

CARD_SHA256 = "580bd7d6be0f8bf3e1d83428ae0f1c855b109198981737f20cf2ac5c17f73fbd"
