"""Methods of a session that read like talk: ask something, and offer a menu."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from .. import wording
from ..exceptions import NoInput
from .answer import Answer, answer_of
from .choices import Choices
from .question import Prompt, completed, keys_of_any_number, prompt_of, with_lead
from .switchboard import Switchboard

__all__ = ["Talk"]

_MISSING: Any = object()


class Talk(Switchboard):
    """The methods of a session that ask, and wait for what comes of it."""

    def ask(
        self,
        prompt: str | Mapping[str, Any],
        *,
        input: Literal["speech", "digits"] | Sequence[Literal["speech", "digits"]] = ("speech", "digits"),
        timeout: float = 10,
        attempts: int = 1,
        reprompt: str | Sequence[str] | None = None,
        validate: Callable[[str], Any] | None = None,
        min_confidence: float = 0.0,
        **gather_options: Any,
    ) -> Answer:
        """Ask the caller something, and return the answer.

        ::

            name = session.ask("What is your name?")
            age = session.ask("How old are you?", validate=int, attempts=3, reprompt="Just a number, please.")
            if age and age.value >= 18:
                session.say(f"Welcome, {name}.").run()

        Verbs queued before are sent along, and heard first. The caller may interrupt the prompt.

        ``prompt``: a text to say, or the ``http`` URL of a file to play; or a dict of options of ``say`` or ``play``.

        ``input``: what to listen for: ``"speech"``, ``"digits"`` (keys), or a list of both.

        ``timeout``: how long to wait for the caller to begin, in seconds, from the end of the prompt.

        ``attempts``: how often to ask in all, until an answer comes.

        ``reprompt``: what to say from the second time on, by default the prompt again; of a list one after another,
        and then the last again.

        ``validate``: called with the text of an answer. What it returns is ``answer.value``; with ``None`` or a
        :exc:`ValueError` the text was no answer.

        ``min_confidence``: how sure the recogniser has to be, 0 to 1.

        ``gather_options``: further options of :meth:`gather`. Unless they say otherwise, speech interrupts the prompt
        (``bargein``), and keys end with ``#`` or 3 seconds after the last one.

        Returns an :class:`~jambonz_sync.Answer`: ``text``, ``value``, ``digits``, ``transcript``, ``confidence``,
        ``event``. It is false when nothing (valid) came, and ``reason`` says why:

        * ``timeout``: the caller was silent, or pressed fewer than ``num_digits`` keys
        * ``error``: jambonz could not listen; ``failed``: it could not even ask
        * ``empty``: only the finishing key was pressed, or nothing understood
        * ``stt-low-confidence``: what was said was not understood surely enough
        * ``invalid``: ``validate`` has refused it
        * ``interrupted``: other verbs have taken the place of the question, sent by a handler or another thread, or
          the caller has broken in elsewhere; it is not asked again then

        Works on the call's own thread. Raises as :meth:`run`.
        """
        self._require_own_thread("ask")
        if attempts < 1:
            raise ValueError(f"ask() needs at least one attempt, not {attempts}")
        later = [prompt] if reprompt is None else [reprompt] if isinstance(reprompt, str) else [*reprompt]
        prompts = [prompt_of(text) for text in (prompt, *later)]
        inputs = [input] if isinstance(input, str) else [*input]
        defaults: dict[str, Any] = keys_of_any_number(gather_options) if "digits" in inputs else {}
        options = completed(gather_options, {**defaults, "timeout": timeout, "input": inputs})
        answer = Answer()
        for attempt in range(attempts):
            asked = prompts[min(attempt, len(prompts) - 1)]
            answer = self._put(asked, options, validate=validate, min_confidence=min_confidence)
            if answer or answer.reason == "interrupted":
                break
        return answer

    def menu(
        self,
        prompt: str | Mapping[str, Any],
        choices: Mapping[str, Any],
        *,
        default: Any = _MISSING,
        attempts: int = 3,
        invalid: str | None = None,
        no_input: str | None = None,
        timeout: float = 5,
        min_confidence: float = 0.0,
        **gather_options: Any,
    ) -> Any:
        """Let the caller choose, and return what was chosen.

        ::

            team = session.menu(
                "For sales press 1 or say sales, for support press 2.",
                {"1": "sales", "sales": "sales", "2": "support"},
                invalid="There is no such choice.",
                default="support",
            )

        ``prompt``: as for :meth:`ask`.

        ``choices``: by the keys to press (``"1"``, ``"12"``, ``"*"``), or by words to say, what is returned. A function
        is called with the session, and what it returns is returned. Speech is listened for only if there are words.
        They may stand anywhere in what was said, whole and in whichever case; of several that do, the longest counts.

        ``default``: what is returned, or the function that is called, when nothing was chosen.

        ``attempts``: how often to ask in all.

        ``invalid``, ``no_input``: a text or URL heard before the prompt is repeated: when a choice was wrong or not
        understood, and when the caller was silent.

        ``timeout``, ``min_confidence``, ``gather_options``: as for :meth:`ask`. How many keys to wait for follows from
        the choices.

        Works on the call's own thread. Raises :exc:`~jambonz_sync.NoInput` if nothing was chosen and there is no
        default, and otherwise as :meth:`run`. A question that was interrupted, as :meth:`ask` says, is not repeated.
        """
        self._require_own_thread("menu")
        if attempts < 1:
            raise ValueError(f"menu() needs at least one attempt, not {attempts}")
        offered = Choices(choices)
        asked = prompt_of(prompt)
        wrong, silent = (None if text is None else prompt_of(text) for text in (invalid, no_input))
        options = completed(gather_options, {**offered.options, "timeout": timeout})
        lead: Prompt | None = None
        came: list[Answer] = []
        for _ in range(attempts):
            answer = self._put(asked, options, lead=lead, validate=offered.meant, min_confidence=min_confidence)
            if answer:
                return self._chosen(choices[answer.value])
            came.append(answer)
            if answer.reason == "interrupted":
                break
            lead = wrong if answer.reason in ("invalid", "empty", "stt-low-confidence") else silent
        if default is not _MISSING:
            return self._chosen(default)
        heard = " ".join(map(str, asked.heard))
        instead = [wording.no_answer(answer.reason, answer.text) for answer in came]
        raise NoInput(wording.nothing_chosen(heard, instead), prompt=heard, answers=came)

    def _chosen(self, choice: Any) -> Any:
        return choice(self) if callable(choice) else choice

    def _put(self, prompt: Prompt, options: Mapping[str, Any], *, lead: Prompt | None = None, **how: Any) -> Answer:
        for verb in ("say", "play"):
            if verb in options:
                raise TypeError(f"the question has its prompt as the first argument; it takes no {verb}=")
        if lead is not None:
            both = with_lead(lead, prompt)
            if both is None:
                self._queue_verb(lead.verb, lead.options)
            prompt = both or prompt
        if "speech" in options["input"]:
            options = completed(options, {"bargein": True})
        self._queue_verb("gather", {**options, prompt.verb: prompt.options})
        return answer_of(self.run(), **how)
