"""The brain and what it works with, put together: skills, tools, and each language model there is."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from assistant.brain.agenda.board import Board
from assistant.brain.brain import AssistantBrain
from assistant.brain.language import language_of
from assistant.brain.lists import Lists
from assistant.brain.loading import Skills, all_skills, shipped_skills
from assistant.brain.mcp_servers import McpServers, ServerSpec
from assistant.brain.memory import Memory
from assistant.brain.prompt import Prompt
from assistant.brain.runner import Runner
from assistant.brain.skill import Context, SkillFunction
from assistant.brain.tools import Toolbox
from assistant.config import Settings, config_path
from assistant.errors import AssistantError
from assistant.events import Level
from assistant.manner import Manner
from assistant.models.protocols import LlmEngine
from assistant.models.worker import Candidate
from assistant.persona import instructions

SKILLS_FOLDER = "skills"
Models = Callable[[Settings], Sequence[Candidate[LlmEngine]]]
Tell = Callable[[Level, str, str, str], object]
"""Told (level, code, message, hint) of something to show. Thread-safe."""


class Brains:
    """Owns the threads that skills run on, that of the servers of tools, and that of the agenda.

    The brains that it makes share agenda, lists, memory, skills and tools.
    """

    def __init__(
        self,
        settings: Settings,
        models: Models,
        *,
        memory: Memory,
        agenda: Board,
        lists: Lists,
        seed: int,
        can_wait: bool,
        watches: bool,
        functions: Sequence[SkillFunction],
        tell: Tell,
        own_skills: bool = True,
    ) -> None:
        """``models`` finds the language models; ``functions`` are tools besides those that are skills.

        ``watches``: the agenda looks by itself what is due, else it waits to be asked. Without ``own_skills`` only
        those of this package are there.
        """
        self._settings = settings
        self._models = models
        self._tell = tell
        self._agenda, self._lists, self._watches = agenda, lists, watches
        self.context = Context(
            name=settings.persona.name,
            seed=seed,
            can_wait=can_wait,
            memory=memory,
            agenda=agenda,
            lists=lists,
            now=agenda.clocks.now,
            manner=Manner(speed=settings.tts.speed, usual_speed=settings.tts.speed),
            folder=config_path().parent,
            language=language_of(settings.stt.language),
        )
        self.skills: Skills = (
            all_skills(skills_folder(), settings.stt.language) if own_skills else Skills(shipped_skills())
        )
        self.tools = Toolbox(functions)
        if settings.tools.skills:
            self.tools.add(skill for skill in self.skills.skills if skill.offered)
        self._runner = Runner()
        specs = {name: ServerSpec(**dict(server)) for name, server in settings.tools.mcp.items()}
        self._servers = McpServers(specs, self.tools, partial(tell, "warning"))

    @property
    def troubles(self) -> Sequence[AssistantError]:
        """Skills that cannot be used."""
        return self.skills.troubles

    def candidates(self) -> list[Candidate[AssistantBrain]]:
        """The brain with each language model there is, and without one at the end."""
        models = self._models(self._settings)
        return [
            *(Candidate(model.name, partial(self._load, model), model.abandon) for model in models),
            Candidate("intents", partial(self._load, None)),
        ]

    def start(self) -> None:
        """Begin to connect to the servers of tools, and to look what is due."""
        self._servers.start()
        if self._watches:
            self._agenda.start()

    def stop(self) -> None:
        """Returns at once; ``join`` waits."""
        self._servers.stop()
        self._agenda.stop()

    def join(self, timeout_s: float) -> bool:
        """False if a skill or a server still runs: the process ends without it."""
        clean = self._servers.join(timeout_s) & self._agenda.join(timeout_s) & self._runner.close()
        if clean:  # else a skill may hold it
            self.context.memory.close()
            self._lists.close()
        return clean

    def _load(self, model: Candidate[LlmEngine] | None) -> AssistantBrain:
        settings = self._settings
        prompt = Prompt(
            instructions(settings.persona, settings.stt.language),
            context_tokens=settings.llm.context_tokens,
            max_tokens=settings.llm.max_tokens,
            history_tokens=settings.llm.history_tokens,
        )
        return AssistantBrain(
            self.context,
            language=settings.stt.language,
            llm=model.load() if model else None,
            prompt=prompt,
            skills=self.skills,
            tools=self.tools,
            runner=self._runner,
            on_notice=partial(self._tell, "info"),
        )


def skills_folder() -> Path:
    """Where the user's own skills lie, beside the configuration file."""
    return config_path().parent / SKILLS_FOLDER
