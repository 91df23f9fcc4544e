"""SHA-256 of the packaged card, written by `stance promote`: digests beside the files prove damage, this one tampering."""

CARD_SHA256 = "3ff412a489bd3cf786060f1fb49ed399579251a8dafc78aeb8c908331b2947f8"
