#!/bin/sh
# From a bare machine to a conversation with models that were fetched, checked, carried and chosen. The test suite runs
# this against a hub on loopback; with a network it runs as it is, in a folder of its own.
set -eu

assistant models recommend
assistant models pull --profile "${PROFILE:-pi4}" --yes
assistant models verify

# The same for a machine that never has a network.
assistant models export shelf.tar
ASSISTANT_MODELS_DIR="$PWD/carried" assistant models import shelf.tar
ASSISTANT_MODELS_DIR="$PWD/carried" assistant models verify

# From here on the models that were carried answer, and nothing opens a socket.
export ASSISTANT_MODELS_DIR="$PWD/carried"
assistant models
assistant models use "${VOICE:-piper-en_US-kristin-medium}"

assistant say "${QUESTION:-who wrote hamlet}" --tts espeak-ng --output question.wav
assistant talk --input question.wav --output answer.wav --fast --headless
