"""``models``: what there is, what is installed, and everything that can be done with it."""

import json as jsonlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from assistant.commands import given
from assistant.commands.outcome import Guarded, notice
from assistant.errors import InputError, ModelCorrupt

if TYPE_CHECKING:
    from assistant.config import Settings

app = typer.Typer(rich_markup_mode=None, help="Find, fetch, check and choose models.")
Id = Annotated[str, typer.Argument(help="The model's id: assistant models.", metavar="ID")]
Ids = Annotated[list[str] | None, typer.Argument(help="Models by id: assistant models.", metavar="[ID]…")]
Language = Annotated[
    str | None, typer.Option(help="The language to speak, such as de.", metavar="CODE", show_default=False)
]
Yes = given.Yes
STYLES = {"in use": "bold green", "installed": "green", "damaged": "bold red", "sound": "green", "no": "dim"}


@app.callback(invoke_without_command=True)
def models(context: typer.Context, *, json: given.Json = False) -> None:
    """Without a command: the table of all models."""
    if context.invoked_subcommand is None:
        from assistant.commands.outcome import outcome

        with outcome():
            _table(json)


def _table(json: bool) -> None:
    from assistant.store.shelf import shelf

    settings, root = _settings_and_root()
    models = shelf(root, settings)
    if json:
        print(jsonlib.dumps([model.described() for model in models], ensure_ascii=False, indent=2))
        return
    from assistant.commands.bars import bytes_in_words
    from assistant.commands.tables import show

    headers = ("id", "stage", "size", "languages", "licence", "terms", "speed", "installed")
    rows = [
        (
            each.id,
            each.stage,
            bytes_in_words(each.size),
            each.spoken,
            each.short_licence,
            each.terms,
            each.speed,
            each.state,
        )
        for each in models
    ]
    show(headers, rows, STYLES)
    print(f"\nThey live in {root}.")
    print("Fetch one: assistant models pull ID. What suits this machine: assistant models recommend")


@app.command(cls=Guarded)
def recommend(*, language: Language = None, json: given.Json = False) -> None:
    """Look at this machine, and name the profile that suits it."""
    from assistant.commands.advice import advice, described, text

    settings, root = _settings_and_root()
    found = advice(root, language or settings.stt.language)
    print(jsonlib.dumps(described(found, root), ensure_ascii=False, indent=2) if json else text(found, root))


@app.command(cls=Guarded)
def pull(
    ids: Ids = None,
    *,
    profile: Annotated[
        str | None, typer.Option(help="The models of a profile: pi4, pi5, laptop, desktop.", metavar="NAME")
    ] = None,
    language: Language = None,
    yes: Yes = False,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Allow files whose digest nobody has published.")
    ] = False,
) -> None:
    """Download models, checked byte for byte; go on where a download broke off."""
    from assistant.commands.fetch import chosen, fetch
    from assistant.store.catalogue import catalogue

    settings, root = _settings_and_root()
    if not ids and profile is None:
        raise InputError("there is nothing to download", hint="Name models or --profile: assistant models recommend")
    spoken = language or settings.stt.language
    wanted = catalogue().profile(profile, spoken) if profile else None
    fetch(chosen(ids or (), wanted), root, yes=yes, unverified=unverified)
    if spoken != settings.stt.language:
        print(f"To speak it: assistant config set stt.language {spoken}")
    if profile:
        print(f"Talk with these models, and the settings that suit them: assistant talk --profile {profile}")


@app.command(cls=Guarded)
def verify(
    ids: Ids = None,
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Download damaged files again.")] = False,
    json: given.Json = False,
) -> None:
    """Read every byte of the installed models, and name what is damaged."""
    from assistant.commands.bars import bars
    from assistant.store import verify as store

    _, root = _settings_and_root()
    for model_id in ids or ():
        _installed(model_id, root)
    with bars("checked") as progress:
        verdicts = store.verify(root, ids or None, progress=progress if sys.stderr.isatty() else lambda _: None)
    damaged = [verdict for verdict in verdicts if verdict.state == "damaged"]
    if json:
        print(jsonlib.dumps([_verdict(verdict) for verdict in verdicts], ensure_ascii=False, indent=2))
    else:
        for verdict in verdicts:
            faults = "; ".join(f"{fault.file} {fault.what}" for fault in verdict.faults)
            older = "an older revision than the catalogue's" if verdict.outdated else ""
            print("  ".join(part for part in (verdict.model.id, verdict.state, faults, older) if part))
        if not verdicts:
            print(f"no models are installed in {root}")
    if repair and damaged:
        with bars("fetched") as progress:
            store.repair(damaged, root, progress=progress)
        damaged = [again for again in store.verify(root, [bad.model.id for bad in damaged]) if again.state == "damaged"]
    if damaged:
        names = ", ".join(verdict.model.id for verdict in damaged)
        raise ModelCorrupt(f"damaged: {names}", hint=_remedy(damaged))


@app.command(cls=Guarded)
def path(model_id: Annotated[str | None, typer.Argument(help="The model's id.", metavar="[ID]")] = None) -> None:
    """Print where the models are, or where one of them is."""
    _, root = _settings_and_root()
    print(root if model_id is None else _installed(model_id, root).path)


@app.command(cls=Guarded)
def use(model_id: Id) -> None:
    """Make a model the choice for its stage."""
    from assistant.config import load, set_value
    from assistant.models.registry import AUTO, LABELS

    settings, root = _settings_and_root()
    model = _installed(model_id, root)
    if model.stage not in LABELS:
        raise InputError(f"{model_id} is no model that can be chosen", hint="It is used by itself where it is needed.")
    set_value(f"{model.stage}.model", model.id)
    if getattr(settings, model.stage).engine != AUTO:
        set_value(f"{model.stage}.engine", AUTO)
    print(f"{model.stage}.model = {model.id}")
    if str((loaded := load()).value(f"{model.stage}.model")) != model.id:
        notice(f"{loaded.origin[f'{model.stage}.model']} outranks the configuration file", "warning")


@app.command(cls=Guarded)
def rm(
    model_ids: Annotated[list[str], typer.Argument(help="Models by id.", metavar="ID…")], *, yes: Yes = False
) -> None:
    """Delete models; one that is in use only after a question."""
    from assistant.store.folder import remove, stages_using

    settings, root = _settings_and_root()
    found = [_installed(model_id, root) for model_id in model_ids]
    used = [
        f"{model.id} is in use ({', '.join(stages)})" for model in found if (stages := stages_using(model, settings))
    ]
    if used and not yes:
        _ask("; ".join(used) + ". Delete?")
    for model in found:
        print(f"deleted {remove(model.id, root)}")


@app.command("import", cls=Guarded)
def import_(path: Annotated[Path, typer.Argument(help="A folder or .tar that `models export` wrote.")]) -> None:
    """Install models from a folder or archive; for a machine without a network."""
    from assistant.commands.bars import bars
    from assistant.store import transfer

    _, root = _settings_and_root()
    with bars("imported") as progress:
        found = transfer.import_(path, root, progress=progress)
    for model in found:
        print(f"{model.id} is installed: {root / model.stage / model.id}")


@app.command(cls=Guarded)
def export(
    path: Annotated[Path, typer.Argument(help="A folder, or an archive if it ends in .tar.")], ids: Ids = None
) -> None:
    """Copy installed models, all or those named, for a machine without a network."""
    from assistant.commands.bars import bars
    from assistant.store import transfer
    from assistant.store.folder import installed_models

    _, root = _settings_and_root()
    wanted = ids or [model.id for model in installed_models(root) if model.complete]
    if not wanted:
        raise InputError("no models are installed", hint="Fetch some: assistant models recommend")
    with bars("exported") as progress:
        written = transfer.export(wanted, root, path, progress=progress)
    print(f"{len(wanted)} {'model' if len(wanted) == 1 else 'models'} exported to {written}")


@app.command(cls=Guarded)
def add(
    path: Annotated[
        Path, typer.Argument(help="A GGUF file, a CTranslate2 Whisper folder, a Piper or Smart Turn .onnx.")
    ],
    *,
    stage: Annotated[Literal["stt", "llm", "tts", "turn", "embed"], typer.Option(help="What it is for.")],
    name: Annotated[str | None, typer.Option(help="Its id from now on.", metavar="ID")] = None,
    link: Annotated[bool, typer.Option("--link", help="Point to it instead of copying it.")] = False,
) -> None:
    """Take in a model of your own, once it has been seen to load."""
    from assistant.commands.bars import bars
    from assistant.models.registry import check_model
    from assistant.store import own

    settings, root = _settings_and_root()
    with bars("added") as progress:
        known = own.add(
            path,
            stage,
            root,
            check=lambda model: check_model(stage, model, settings),
            name=name,
            link=link,
            progress=progress,
        )
    print(f"{known.id} is installed: {root / stage / known.id}\nMake it the choice: assistant models use {known.id}")


def _settings_and_root() -> "tuple[Settings, Path]":
    from assistant.store.folder import models_dir

    settings = given.settings()
    return settings, models_dir(settings)


def _installed(model_id: str, root: Path) -> Any:
    from assistant.store.catalogue import catalogue
    from assistant.store.folder import get

    try:
        return get(model_id, root)
    except InputError as error:
        if any(entry.id == model_id for entry in catalogue().entries):
            raise InputError(error.message, hint=f"Fetch it: assistant models pull {model_id}") from error
        raise


def _ask(question: str) -> None:
    """Raises InputError unless somebody says yes."""
    if not sys.stdin.isatty():
        raise InputError(question.removesuffix(" Delete?"), hint="Agree beforehand: --yes")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise InputError("nothing was deleted", hint="Choose another: assistant models use ID")


def _verdict(verdict: Any) -> Mapping[str, object]:
    faults = [{"file": fault.file, "what": fault.what} for fault in verdict.faults]
    return {"id": verdict.model.id, "state": verdict.state, "faults": faults, "outdated": verdict.outdated}


def _remedy(damaged: list[Any]) -> str:
    own = [verdict.model.id for verdict in damaged if verdict.entry is None]
    if own:
        return f"Delete and add again what is yours: assistant models rm {' '.join(own)}"
    return f"Mend it: assistant models verify --repair {' '.join(verdict.model.id for verdict in damaged)}"
