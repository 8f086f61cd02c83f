#!/usr/bin/env bash
# Installs into .venv, one step after another; a step that is up to date costs nothing. Called by make.
#
#   scripts/bootstrap.sh app [llm] [dev]
#
#   app   the assistant and PortAudio
#   llm   llama.cpp, built for this processor; without a compiler the rest works, so this step never fails
#   dev   what the tests and linters need
#
# PYTHON names another Python, CMAKE_ARGS another build of llama.cpp (for a graphics card, say).
set -euo pipefail
cd "$(dirname "$0")/.."

INPUTS=(pyproject.toml constraints.txt scripts/bootstrap.sh scripts/cmake_args.py)
python=.venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '==> %s\n' "$*" >&2; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# A virtual environment does not survive a moved checkout, nor the removal of its Python.
venv_fits() { [[ -x $python && $(cat .venv/.checkout 2>/dev/null) == "$PWD" ]]; }

is_fresh() {
    local input
    for input in "${INPUTS[@]}"; do
        [[ .venv/.installed-$1 -nt $input ]] || return 1
    done
}

all_fresh() {
    local step
    venv_fits || return 1
    for step in "$@"; do
        is_fresh "$step" || return 1
    done
}

find_python() {
    local name
    for name in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        # Run it: a shim of pyenv may name a version that it does not have.
        if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    die "no Python 3.11, 3.12 or 3.13 found. On Debian and Ubuntu: sudo apt install python3 python3-venv"
}

# Fails where it cannot install: no apt, or neither root nor a sudo that asks for no password.
apt_install() {
    local -a as_root=()
    command -v apt-get >/dev/null || return 1
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null || return 1
        as_root=(sudo -n)
    fi
    say "Installing $1"
    local -a install=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -qq)
    "${install[@]}" install -y --no-install-recommends "$1" >/dev/null 2>&1 ||
        { "${install[@]}" update && "${install[@]}" install -y --no-install-recommends "$1" >/dev/null; }
}

make_venv() {
    local base package
    base=$(find_python)
    if ! "$base" -c 'import ensurepip' 2>/dev/null; then
        package=$("$base" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        apt_install "$package" ||
            die "this Python cannot make virtual environments. On Debian and Ubuntu: sudo apt install $package"
    fi
    say "Making .venv with $("$base" --version)"
    rm -rf .venv
    "$base" -m venv .venv
    echo "$PWD" >.venv/.checkout
}

pip_install() { "$python" -m pip install -q -c constraints.txt "$@"; }

install_app() {
    say "Installing the assistant"
    pip_install -e .
    pip_install -e '.[wake]' 2>/dev/null ||
        say "No wake word: pymicro-wakeword has no package for this system. Everything else works."
    "$python" -c 'import sounddevice' 2>/dev/null || apt_install libportaudio2 ||
        say "No PortAudio, so no microphone or loudspeaker; typing and sound files work." \
            "On Debian and Ubuntu: sudo apt install libportaudio2 (elsewhere the package is called portaudio)"
}

install_llm() {
    local log=.venv/llama-build.log
    if ! command -v "${CXX:-c++}" >/dev/null; then
        say "No C++ compiler, so no language model; everything else works." \
            "On Debian and Ubuntu: sudo apt install g++, then: make llm"
        return
    fi
    say "Building llama.cpp for this processor, which takes minutes the first time"
    build_llm >"$log" 2>&1 ||
        say "llama.cpp could not be built, so no language model; everything else works." \
            "The reason is in $log; when it is mended: make llm"
}

build_llm() {
    local chosen=${CMAKE_ARGS:-}
    export CMAKE_ARGS=${chosen:-$("$python" scripts/cmake_args.py)}
    pip_install -e '.[llm]' || return
    if [[ -z $chosen ]] && ! fits_this_processor; then
        # pip keeps the wheels it builds, by version alone: one from before, or from another machine, may have come back.
        "$python" -m pip cache remove 'llama_cpp_python*' || true
        pip_install --force-reinstall --no-deps llama-cpp-python && fits_this_processor
    fi
}

fits_this_processor() { "$python" -c 'import sys; from assistant.doctor_llama import problem; sys.exit(problem())'; }

install_dev() {
    say "Installing the test tools"
    pip_install -e '.[dev]'
}

steps=("${@:-app}")
all_fresh "${steps[@]}" && exit

# One at a time: two makes at once would write over each other. macOS has no flock.
exec 9<.
! command -v flock >/dev/null || flock 9

venv_fits || make_venv
for step in "${steps[@]}"; do
    is_fresh "$step" && continue
    "install_$step"
    touch ".venv/.installed-$step"
done
