"""What ``docs/models.md`` says besides the tables."""

from assistant.store.entries import ModelStage

STAGES: dict[ModelStage, str] = {
    "stt": "Speech models",
    "llm": "Language models",
    "tts": "Voices",
    "turn": "End of turn",
    "embed": "Embeddings",
    "wake": "Wake words",
}
MEASURED = "**measured** here"
PUBLISHED = "published"
NOT_MEASURED = "not measured, and nothing published"

INTRODUCTION = """# Models

Generated from `models.toml` by `python -m assistant.store.page`; edit those, not this page.

Without any model the assistant understands [commands](recognition.md) in English and speaks with eSpeak NG. Three
models make it a conversation: one that hears (`stt`), one that answers (`llm`), one that speaks (`tts`). They are files
on your disk, nothing else: once they are there, nothing opens a socket.

## Choose

```sh
assistant models recommend                  # looks at this machine and names a profile, with reasons
assistant models recommend --language de    # the same for German
assistant models                            # every model: size, languages, licence, installed or not; --json
```

A profile is a set of models and settings that suit a kind of machine; the tables below show each. **Terms** are the
licence in one word: *free* for any use, attribution and share-alike aside; *restricted* by further conditions;
*noncommercial*; or *unclear*, where nobody states the licence or sources disagree. A voice may carry the terms of the
recordings that it was trained on; profiles take a free one where the language has one.

## Fetch

```sh
assistant models pull --profile laptop                  # English
assistant models pull --profile laptop --language de    # or another language; then:
assistant config set stt.language de
assistant models pull piper-en_GB-alba-medium           # or single models by id
```

Four files arrive at a time. A download that broke off, or was killed, goes on where it stopped. A model becomes visible
only when every byte of it is there and the SHA-256 of each file is the one in the catalogue; a disk without the room
refuses before anything is fetched. You are asked once before more than 2 GB, and before licences that forbid or limit
commercial use; `--yes` agrees beforehand. A model of which nobody has published all digests needs `--unverified`.
`HF_ENDPOINT` names a mirror, `HF_TOKEN` is sent to the hub, `HTTPS_PROXY` and its kin are honoured.

The digests come from lists that public projects keep. Files that are not pinned to a revision may have been replaced at
their source since: then they do not match, and are refused.

## Check

```sh
assistant models verify             # reads every byte again and names what is damaged
assistant models verify --repair    # fetches the damaged files again
```

## Carry to a machine without a network

```sh
assistant models export models.tar    # here: all installed models, or those named after the file; a folder works too
assistant models import models.tar    # there: each file is checked as a download is
```

## Choose among what is installed

`auto`, the default, takes the first installed model of a stage in the order of the tables under
[Every model](#every-model): of speech models only those that speak `stt.language`, of voices those first.

```sh
assistant models use ID            # this one from now on
assistant config set llm.model ""  # the first again; also stt.model, tts.model
assistant models path ID           # where it lies
assistant models rm ID             # deletes it; one that is in use only after a question
```

The settings of a profile stand below its table: `assistant config set llm.threads 2`.

## Add your own

```sh
assistant models add my-model.gguf --stage llm      # a GGUF file, for llama.cpp
assistant models add whisper-ct2/ --stage stt       # a Whisper folder of CTranslate2, with its tokenizer.json
assistant models add voice.onnx --stage tts --link  # a Piper voice with voice.onnx.json beside it; not copied
assistant models add turn.onnx --stage turn         # a turn detector: Smart Turn v3, or a network with its input
```

It is tried in a process of its own before it is taken in. To offer several from a hub of your own, write them into a
file like `models.toml` and name it in `ASSISTANT_CATALOGUE`.

## Profiles
"""

FIGURES = """\
**Measured** figures are this project's: two shared virtual x86-64 cores with AVX-512, and models of the true
architecture and size with random weights, which cost what the real ones cost; times while nothing else ran.
**Published** figures are others', of their machines and often of another engine; the source stands with each. None of
ours was measured on a Raspberry Pi, and none of any is a promise for your machine. A "window" is the sound that Whisper
is given at once; of its two times the first is its encoder's, the second its decoder's.

Language models were measured by their number of parameters, in a quantisation (Q4_0) and in shapes that none of the
profiles has: take these figures, measured here too, for the order of magnitude.

| parameters | tokens a second, 1 thread | 2 threads | a prompt of 20 tokens, 1 thread | 2 threads |
|---|---|---|---|---|
| 360 million | 30 | 49 | 142 ms | 86 ms |
| 600 million | 24 | 38 | 165 ms | 94 ms |
| 1 billion | 12 | 21 | 389 ms | 205 ms |
"""

AFTER = """\
## Every model

In order of preference within each stage. Speed classes go by size alone.
"""
