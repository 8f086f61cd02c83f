"""nano-whisper: a Whisper of under a million weights that hears eSpeak NG say the sentences of ``sentences.py``."""
