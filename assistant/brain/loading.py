"""Where skills come from: this package, other packages, and the user's folder.

Another package names a module, or a function, under the entry point ``assistant.skills``; the user's folder is
``skills`` in the configuration folder. The sentences for a module lie beside it, as ``NAME.<language>.yaml``.
"""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from assistant.brain.intents import read_sentences
from assistant.brain.skill import MARK, Skill
from assistant.errors import AssistantError, SkillBroken

GROUP = "assistant.skills"


@dataclass(frozen=True, slots=True)
class Skills:
    """What was found. ``sentences`` are hassil documents, those of skills from elsewhere."""

    skills: Sequence[Skill]
    sentences: Sequence[Mapping[str, Any]] = ()
    troubles: Sequence[AssistantError] = ()


@cache
def shipped_skills() -> Sequence[Skill]:
    """The skills of ``assistant.brain.skills``."""
    package = importlib.import_module("assistant.brain.skills")
    modules = [
        importlib.import_module(f"{package.__name__}.{each.name}") for each in pkgutil.iter_modules(package.__path__)
    ]
    return [skill for module in modules for skill in skills_in(module)]


def all_skills(folder: Path, language: str) -> Skills:
    """Those of this package, of others, and of ``folder``, with the sentences of ``language`` that are not ours.

    What does not load, or answers to a name that is taken, is left out, and told in ``troubles``.
    """
    skills = list(shipped_skills())
    sentences: list[Mapping[str, Any]] = []
    troubles: list[AssistantError] = []
    for name, load in [*_from_packages(), *_from_folder(folder)]:
        try:
            module = load()
            fresh = skills_in(module)
            _check(fresh, skills)
            written = list(_sentences_beside(module, language, {skill.intent for skill in fresh}))
        except (Exception, SystemExit) as error:  # it is somebody's code: anything may happen when it is imported
            troubles.append(_broken(name, error))
            continue
        skills += fresh
        sentences += written
    return Skills(skills, sentences, troubles)


def skills_in(module: ModuleType) -> list[Skill]:
    """The skills that a module defines, in the order of the file; those that it only imports are another's."""
    marked = [vars(each).get(MARK) for each in vars(module).values() if hasattr(each, "__dict__")]
    return [each for each in marked if isinstance(each, Skill) and each.function.__module__ == module.__name__]


def _from_packages() -> Iterator[tuple[str, Callable[[], ModuleType]]]:
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        yield f"{point.name} ({point.value})", partial(_module, point)


def _module(point: EntryPoint) -> ModuleType:
    return importlib.import_module(point.module)


def _from_folder(folder: Path) -> Iterator[tuple[str, Callable[[], ModuleType]]]:
    for file in sorted(folder.glob("*.py")):
        yield str(file), partial(_import, file)


def _import(file: Path) -> ModuleType:
    """A file as a module of its own, which the interpreter's path knows nothing of."""
    name = f"assistant_user_skills.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # annotations of the functions are looked up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _check(fresh: Sequence[Skill], skills: Sequence[Skill]) -> None:
    """Raises ValueError for what another skill is called, or what could not be explained to a model."""
    for skill in fresh:
        for other in skills:
            if skill.name == other.name or skill.intent == other.intent:
                raise ValueError(f"a skill {other.name} with the intent {other.intent} is there already")
        if skill.offered and not skill.definition.description:
            raise ValueError(f"{skill.name} has no docstring")


def _sentences_beside(module: ModuleType, language: str, intents: Container[str]) -> Iterator[Mapping[str, Any]]:
    """What lies beside a module. Raises ValueError where hassil cannot read it, or no skill answers."""
    path = Path(module.__file__ or "").with_suffix(f".{language}.yaml")
    if not path.is_file():
        return
    document = read_sentences(path.read_text("utf-8"), language)
    for intent in document.get("intents", {}):
        if intent not in intents:
            raise ValueError(f"{path.name} has sentences for {intent}, and no skill is called so")
    yield document


def _broken(name: str, error: BaseException) -> AssistantError:
    return SkillBroken(
        f"the skill {name} cannot be used: {type(error).__name__}: {error}", hint="Mend the file or take it away."
    )
