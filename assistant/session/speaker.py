"""The answer on its way to the loudspeaker: clauses are synthesised while earlier ones play."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from assistant.audio.protocols import Sink
from assistant.manner import Manner
from assistant.models.protocols import Pacing, Pcm, TtsEngine, WordMark, WordMarking
from assistant.models.worker import Done, Item
from assistant.session.chime import CHIME_RATE_HZ, chime
from assistant.session.cushion import LONGEST_HOLD_S, LONGEST_LEAD_S, Cushion
from assistant.session.reply import Reply, ReplyPart, Sound
from assistant.session.turn import CancelToken, Turn

SAYING_CLAUSES = 2  # sound is in the room, and on its way through devices, for a while after it was played
SIGNAL_ID = -1  # of no clause
CLAUSES_AHEAD = 1  # synthesised before the commit: the next are ready while this one plays

Work = Callable[[TtsEngine, CancelToken], Iterator[object]]
Synthesize = Callable[[Turn, int, Work, CancelToken | None], bool]
"""Submit a job for a part of a turn, with the token of a speculation; False if there is no voice to do it."""


def _synthesis(text: str, speed: float, engine: TtsEngine, token: CancelToken) -> Iterator[Pcm | WordMark | int]:
    """The rate first, then the chunks: the engine may have been replaced since the last clause."""
    if isinstance(engine, Pacing):
        engine.pace(speed)
    yield engine.sample_rate_hz
    yield from (
        engine.synthesize_marked(text, token) if isinstance(engine, WordMarking) else engine.synthesize(text, token)
    )


class Speaker:
    """One session's voice, on the session's thread. Without an engine for it, text counts as heard when complete."""

    def __init__(
        self,
        sink: Sink,
        synthesize: Synthesize,
        clock: Callable[[], float],
        *,
        language: str,
        voiceless: bool,
        manner: Manner | None = None,
    ) -> None:
        self._manner = manner or Manner()
        self._language = language
        self._sink = sink
        self._synthesize = synthesize
        self._clock = clock
        self._cushion = Cushion()
        self._never_voiced = voiceless
        self._voiceless = voiceless
        self._turn: Turn | None = None
        self._ahead: CancelToken | None = None  # the speculation whose answer is held
        self._clauses_ahead = 0
        self._rate_hz = 0
        self._submitted_s = 0.0
        self._renew(0)
        self.gaps = 0
        """How often an answer fell silent before it went on."""

    @property
    def text(self) -> str:
        return self._reply.text

    @property
    def text_complete(self) -> bool:
        """No more text will come."""
        return self._reply.text_complete

    @property
    def started(self) -> bool:
        """A sample of the answer itself (not of a chime) has been played."""
        first = self._reply.first_id
        return any(step.played for step in self._sink.progress() if step.clause_id >= first)

    @property
    def finished(self) -> bool:
        """All that was to be said has been played."""
        return self._ahead is None and self._reply.all_given and self._sink.buffered_s <= 0

    def begin(self, turn: Turn, *, ring: bool = False) -> None:
        """Start an empty answer; ``ring`` puts a chime before it."""
        self._sink.discard()
        self._turn = turn
        self._ahead = None
        self._voiceless = self._never_voiced
        chime_id = self._reply.next_id
        self._renew(chime_id + 1)
        if ring:
            self._reply.sounds.append(Sound(chime_id, chime(), CHIME_RATE_HZ))

    def signal(self, pcm: Pcm, sample_rate_hz: int) -> None:
        """A short sound between two turns; the next answer to begin cuts it off."""
        self._sink.write(SIGNAL_ID, pcm, sample_rate_hz)

    def hold(self, token: CancelToken) -> None:
        """Start an answer ahead of the commit: nothing of it reaches the loudspeaker before ``release``."""
        self.drop()
        self._ahead = token
        self._clauses_ahead = 0

    def release(self) -> list[ReplyPart]:
        """The held answer is the answer; what there is of it by now."""
        self._ahead = None
        return list(self._reply.parts)

    def drop(self) -> None:
        """Forget the held answer."""
        self._ahead = None
        self._renew(self._reply.next_id)

    def _renew(self, first_id: int) -> None:
        """An empty answer."""
        self._reply = Reply(first_id, self._language)
        self._cushion.begin()
        self._worded_s: float | None = None  # when its first clause had been written
        self._ready_s: float | None = None  # when it could have been begun
        self._begun = False  # sound of it has been given to the loudspeaker

    def say(self, delta: str) -> list[ReplyPart]:
        now_s = self._clock()
        self._cushion.wrote(len(delta), now_s)
        parts = self._reply.add(delta)
        if parts and self._worded_s is None:
            self._worded_s = now_s
        return parts

    def finish_text(self) -> list[ReplyPart]:
        return self._reply.finish()

    def tick(self) -> None:
        """Give the sink what it takes, and ask for the next clause when its time has come."""
        if self._ahead is not None:
            self._tick_ahead()
            return
        self._play()
        if self._turn is None or self._reply.in_synthesis or self._sink.buffered_s >= LONGEST_LEAD_S:
            return
        part = self._reply.take_next()
        if part is None:
            return
        if self._begun and self._sink.buffered_s >= self._cushion.lead_s(len(part.clause.spoken)):
            self._reply.put_back(part)
        elif self._voiceless or not self._submit(part):
            self._lose_voice()

    def _play(self) -> None:
        """Give the sink what it takes, once there is enough to go on without a gap."""
        sounds = self._reply.sounds
        while sounds and (self._begun or self._may_begin(sounds[0])):
            dry = self._begun and self._sink.buffered_s <= 0
            sound = sounds[0]
            if not self._sink.write(sound.part_id, self._at_volume(sound.pcm), sound.sample_rate_hz):
                return
            self.gaps += dry
            sounds.popleft()
            self._reply.given(sound)
            self._begun |= sound.part_id >= self._reply.first_id

    def _at_volume(self, pcm: Pcm) -> Pcm:
        """As loud as is wanted when it is played, which may be another volume than when it was synthesised."""
        gain = self._manner.gain
        return pcm if gain == 1.0 else pcm * np.float32(gain)

    def _may_begin(self, sound: Sound) -> bool:
        """A chime may at once, and so may a whole answer; else the clause after it has to come in time."""
        reply, now_s = self._reply, self._clock()
        if sound.part_id < reply.first_id or reply.spoken_out or self._voiceless:
            return True
        if self._ready_s is None:
            self._ready_s = now_s
        since_s = now_s - (self._worded_s or now_s)
        collected_s = sum(sound.pcm.size / sound.sample_rate_hz for sound in reply.sounds)
        bridged = self._cushion.bridges(collected_s, reply.next_characters, since_s)
        return bridged or now_s - self._ready_s >= LONGEST_HOLD_S

    def _tick_ahead(self) -> None:
        """The first clause is synthesised before it is known whether it will be spoken."""
        if self._voiceless or self._reply.in_synthesis or self._clauses_ahead >= CLAUSES_AHEAD:
            return
        part = self._reply.take_next()
        if part is not None and self._submit(part):
            self._clauses_ahead += 1
        elif part is not None:
            self._reply.put_back(part)

    def _submit(self, part: ReplyPart) -> bool:
        assert self._turn is not None
        self._submitted_s = self._clock()
        work = partial(_synthesis, part.clause.spoken, self._manner.speed)
        self._reply.in_synthesis = self._synthesize(self._turn, part.id, work, self._ahead)
        return self._reply.in_synthesis

    def on_sound(self, item: Item) -> None:
        if isinstance(item.value, int):
            self._rate_hz = item.value
        elif isinstance(item.value, WordMark):
            self._reply.part(item.job.tag).marks.append(item.value)
        elif isinstance(item.value, np.ndarray):
            part = self._reply.part(item.job.tag)
            part.add_sound(item.value, self._rate_hz)
            self._reply.sounds.append(Sound(part.id, item.value, self._rate_hz))

    def on_synthesized(self, done: Done) -> None:
        if done.job.tag < self._reply.first_id:  # of an answer that was dropped
            return
        self._reply.in_synthesis = False
        part = self._reply.part(done.job.tag)
        part.synthesized = True
        if done.status == "failed":
            self._lose_voice()
        elif done.status == "completed":
            self._cushion.voiced(len(part.clause.spoken), self._clock() - self._submitted_s, part.sound_s)

    @property
    def saying(self) -> str:
        """What is being said right now: the clause that sounds, behind the one before it."""
        return " ".join(part.clause.spoken for part in self._reply.begun(self._sink.progress())[-SAYING_CLAUSES:])

    @property
    def asks(self) -> bool:
        """The last clause of the answer sounds, and is a question."""
        begun = self._reply.begun(self._sink.progress())
        last = self._reply.all_given and bool(begun) and begun[-1] is self._reply.parts[-1]
        return last and begun[-1].clause.text.rstrip().endswith("?")

    def duck(self) -> None:
        """Go on softly, within one device block."""
        self._sink.duck()

    def pause(self) -> None:
        """Stand still, within one device block; what is still to be said is prepared all the same."""
        self._sink.pause()

    def resume(self) -> None:
        """Go on at full volume, with the very next sample."""
        self._sink.resume()

    def cut(self) -> str:
        """Fall silent now; the text that had been heard by then."""
        progress = self._sink.discard()
        self._turn = self._ahead = None
        return self._reply.text if self._voiceless else self._reply.heard(progress)

    def _lose_voice(self) -> None:
        """There is no voice: the rest of the answer is only shown."""
        self._voiceless = True
        self._reply.drop_waiting()
