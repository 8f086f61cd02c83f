"""The command line: which commands there are. What each does is in ``commands/``."""

import sys

import typer

from assistant.commands import agenda, bench, machine, models, past, replay, settings, stages, talk, trigger
from assistant.commands.outcome import Guarded, outcome

app = typer.Typer(
    name="assistant",
    help="An offline voice assistant: it listens, thinks and speaks on your own computer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for command in (
    talk.talk,
    talk.daemon,
    trigger.trigger,
    talk.ask,
    replay.replay,
    stages.say,
    stages.transcribe,
    bench.bench,
    machine.devices,
    machine.doctor,
    machine.version,
):
    app.command(cls=Guarded)(command)
app.add_typer(settings.app, name="config")
app.add_typer(past.app, name="history")
app.add_typer(agenda.app, name="agenda")
app.add_typer(models.app, name="models")


def main() -> None:
    """Run the command line. Raises only SystemExit."""
    try:
        with outcome():  # what is printed outside the commands: the help
            app(prog_name="assistant")
    except typer.Exit as ending:
        sys.exit(ending.exit_code)
