"""What a model card says of limits, unfit uses and rights. Tests hold these sentences against README, data sheet and NOTICE."""

TASK = (
    "Moscow Stance reads English news and policy text. For every sentence and every state, organisation or leader in it, it says which "
    "stance toward Moscow the sentence shows (supportive, neutral or hedging) and how the text portrays the actor (negative, neutral, "
    "positive), each with a calibrated probability and the right to say “not sure”."
)

CODER = "Labels by a language model; human agreement not measured."

LIMITS = (
    "It reads English. Of another language it says so and gives no labels.",
    "It reads sentence by sentence. A stance that only the whole article shows is beyond it; a pronoun is resolved only where a simple "
    "rule is right nearly always.",
    "It finds the actors of its lexicon: actors.toml, which anyone can edit.",
    "It was trained and tested on labels that a language model gave under the codebook. Agreement with human coders is not measured yet, "
    "and a score says how well the model imitates that coder.",
    "Sources and labels go together: nearly all hedging comes from think tanks and news, hardly any from kremlin.ru.",
    "A few sentences do not show a state's position. Compare actors over many documents, and read the sentences.",
)
"""README, "What it cannot do", point by point."""

WARNINGS = (
    "Training and test data share this coder. A model's score says how well it imitates the coder, not how often it is right.",
    "The sentences were selected. Their shares of labels are not those of whole articles.",
)
"""The data sheet, "Read this first", as far as the limits above do not say it."""

UNFIT = (
    "judging persons, or deciding about anybody's rights, job, visa or safety;",
    "sanctions, intelligence, military or other decisions of consequence about a state or an organisation;",
    "other languages, or genres far from news, policy analysis and official speech (social media, chat);",
    "claims about a state's “true” position from few sentences: a label says what one sentence shows, not what a government wants;",
    "counting who supports Moscow in the world, or how that changed, from the raw shares: they mirror the selection and the sources.",
)
"""The data sheet, "Not fit for"."""

WEIGHTS = (
    "The weights are Apache-2.0, as this product is. The encoder is sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), itself distilled "
    "from Microsoft's MiniLM (MIT). Its tokenizer's vocabulary is BERT's (Apache-2.0). NOTICE names what the model was trained on, with "
    "citations and terms; no text of others is part of this product."
)
OTHER_WEIGHTS = (
    "The heads are Apache-2.0, as this product is. The encoder is not the one that this product ships and NOTICE speaks of: see what "
    "licence it came with."
)
