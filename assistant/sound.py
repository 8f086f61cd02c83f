"""Where the sound of a conversation comes from and goes to: devices, files, or what stands in for them."""

from collections.abc import Callable

from assistant.audio.capture import MicrophoneSource
from assistant.audio.devices import find_device
from assistant.audio.echo import KalmanCanceller
from assistant.audio.frontend import CleanSource, FrontEnd, OnState
from assistant.audio.keeper import OnTrouble
from assistant.audio.pace import AudioTime, RealTime
from assistant.audio.paced import CalledSource, SilenceSource, WavSource
from assistant.audio.protocols import Sink, Source
from assistant.audio.speaker import FileSink, NullSink, RingSink, SpeakerSink
from assistant.audio.suppressor import NoiseSuppressor, webrtc
from assistant.config import Settings
from assistant.errors import AudioError, PortAudioMissing
from assistant.models.registry import NONE
from assistant.options import TalkOptions

OnMissing = Callable[[AudioError], object]
"""Told of a device, or a library, that the conversation has to do without."""


def make_source(
    settings: Settings, options: TalkOptions, settle: Callable[[], None], on_trouble: OnTrouble, on_missing: OnMissing
) -> tuple[Source, bool]:
    """Where sound comes from, and whether there is anything to hear in it."""
    pacer = AudioTime(settle) if options.in_audio_time else RealTime()
    if options.microphone is not None:
        return CalledSource(options.microphone, pacer), True
    if options.source is not None:
        return options.source(pacer), settings.stt.engine != NONE
    if options.input_path is not None:
        return WavSource(options.input_path, pacer=pacer, on_trouble=on_trouble), True
    if not options.listen or settings.stt.engine == NONE:
        return SilenceSource(pacer), False
    name = settings.audio.input_device
    try:
        find_device(name, "input")
    except PortAudioMissing as error:
        on_missing(error)
        return SilenceSource(pacer), False
    except AudioError:
        if name is not None:
            raise
    return MicrophoneSource(name, patient=name is None, on_trouble=on_trouble), True


def make_sink(
    settings: Settings, options: TalkOptions, on_trouble: OnTrouble, on_missing: OnMissing
) -> tuple[Sink, bool]:
    """Where the answer goes, and whether it is to be spoken at all."""
    if not options.speak or settings.tts.engine == NONE:
        return NullSink(), False
    if options.loudspeaker is not None:
        return options.loudspeaker, True
    if options.output_path is not None:
        return FileSink(options.output_path, on_trouble=on_trouble), True
    name = settings.audio.output_device
    try:
        find_device(name, "output")
    except AudioError as error:
        if name is not None:
            raise
        on_missing(error)
        return NullSink(), False
    return SpeakerSink(name, on_trouble=on_trouble), True


def cleaned(
    source: Source,
    sink: Sink,
    settings: Settings,
    options: TalkOptions,
    *,
    on_state: OnState,
    on_missing: OnMissing,
) -> Source:
    """The microphone, cleaned of the sink's echo and more; a file is what it is, and no microphone hears one."""
    coupled = isinstance(source, MicrophoneSource) or options.microphone is not None
    heard = isinstance(sink, SpeakerSink) or options.loudspeaker is not None
    if not (coupled and isinstance(sink, RingSink)):
        return source
    echo = settings.audio.echo
    canceller = KalmanCanceller() if heard and echo != "off" else None
    real = isinstance(source, MicrophoneSource)
    gain = real and settings.audio.gain
    suppressor = _suppressor(settings.audio.noise_suppression, on_missing) if real else None
    auto = echo == "auto"
    front = FrontEnd(canceller, sink, unless_headset=auto, high_pass=real, suppressor=suppressor, gain=gain)
    return CleanSource(source, front, on_state)


def _suppressor(strength: str, on_missing: OnMissing) -> NoiseSuppressor | None:
    if strength == "off":
        return None
    try:
        return NoiseSuppressor(webrtc(strength))
    except AudioError as error:
        on_missing(error)
        return None
