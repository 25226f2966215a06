import smtplib

import structlog
from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from portal.core import files, jobs
from portal.core.time import now
from requests_app.correspondence import bounce_box, letters, mailing
from requests_app.correspondence.models import Letter, MailState, OutgoingMail, Source

log = structlog.get_logger(__name__)
REFUSED = 550  # of these, a server says: not this recipient, not ever (RFC 5321 4.2.1)


@jobs.handles(mailing.MAIL, queue="mail", plain=True)
def send_mail(run: jobs.Run) -> jobs.Publish:
    mail = OutgoingMail.objects.get(pk=run.payload["mail"])
    if mail.state not in {MailState.WAITING, MailState.FAILED}:
        return lambda: None  # it left before its worker died
    run.check()
    try:
        _message(mail).send()
    except smtplib.SMTPRecipientsRefused as refusal:
        code, said = next(iter(refusal.recipients.values()), (0, b""))
        if code < 500:  # not now; a later try may do
            _note_last_try(run, mail, f"{code} {_text(said)}")
            raise
        return _publish_refusal(mail, code, _text(said))
    except smtplib.SMTPDataError as refusal:
        if refusal.smtp_code < REFUSED:
            _note_last_try(run, mail, str(refusal))
            raise
        return _publish_refusal(mail, refusal.smtp_code, _text(refusal.smtp_error))
    except Exception as error:
        _note_last_try(run, mail, f"{type(error).__name__}: {error}")
        raise

    def publish() -> None:
        mailing.mark_sent(mail, at=now())

    return publish


@jobs.handles(letters.PDF, queue="build")
def render_letter(run: jobs.Run) -> jobs.Publish:
    from requests_app.correspondence.pdf import letter_pdf  # WeasyPrint takes seconds to import

    letter = Letter.objects.get(pk=run.payload["letter"])
    if letter.pdf_address:
        return lambda: letter.pdf_sha256  # printed once, kept for ever
    with files.scratch() as folder:
        target = folder / "letter.pdf"
        letter_pdf(letter.html, target)
        stored = files.store_file(target, area="derived")

    def publish() -> str:
        Letter.objects.filter(pk=letter.pk, pdf_address="").update(
            pdf_address=stored.address, pdf_sha256=stored.sha256
        )
        return stored.sha256

    return publish


@shared_task(name="correspondence.read_bounces")
def read_bounces() -> int:
    """This will read the reports that came by mail since last time; 0 where no folder is set."""
    return bounce_box.read_folder(at=now()).heard


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        mailing.return_path(mail.pk),  # the envelope's; readers see From
        [mail.to],
        # one Message-ID for each row: after a crash the second copy can be told from the first
        headers={
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": mailing.message_id(mail.pk),
            "Auto-Submitted": "auto-generated",
            "Content-Language": mail.language,
        },
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _publish_refusal(mail: OutgoingMail, code: int, said: str) -> jobs.Publish:
    def publish() -> None:
        mailing.hear(
            mail=mail, state=MailState.BOUNCED, source=Source.SMTP, at=now(), key=f"smtp:{code}:{said}",
            code=str(code), detail=said,
        )  # fmt: skip

    return publish


def _note_last_try(run: jobs.Run, mail: OutgoingMail, why: str) -> None:
    """After the last try nothing tries again by itself: the mail says so, and somebody is asked to look."""
    log.warning("mail_not_taken", mail=mail.pk, attempt=run.attempts)
    if run.attempts >= jobs.MAX_ATTEMPTS:
        run.check()
        mailing.hear(
            mail=mail, state=MailState.FAILED, source=Source.SMTP, at=now(),
            key=f"failed:{run.job_id}:{run.fence}", detail=why,
        )  # fmt: skip


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
