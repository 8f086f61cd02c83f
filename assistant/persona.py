"""Who the assistant is to be, in the words that a language model is told."""

from assistant.config import PersonaSettings

LENGTHS = {
    "short": "one short spoken sentence",
    "normal": "one or two short spoken sentences",
    "detailed": "a few spoken sentences, with the details",
}
LANGUAGES = {
    "ar": "Arabic",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}


def instructions(persona: PersonaSettings, spoken: str) -> str:
    """The system prompt, filled in. ``spoken`` is the user's language, as an ISO 639-1 code.

    English is not mentioned: a model answers in the language of its instructions.
    """
    prompt = persona.system_prompt.replace("{name}", persona.name).replace("{length}", LENGTHS[persona.verbosity])
    language = persona.language or spoken
    return prompt if language == "en" else f"{prompt} Answer in {LANGUAGES.get(language, language)}."
