from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from portal.core import files, jobs
from portal.core.time import now
from requests_app.correspondence import services
from requests_app.correspondence.models import Letter, MailState, OutgoingMail


@jobs.handles(services.MAIL, queue="mail")
def send_mail(run: jobs.Run) -> jobs.Publish:
    mail = OutgoingMail.objects.get(pk=run.payload["mail"])
    if mail.state != MailState.SENT:
        message = EmailMultiAlternatives(
            mail.subject,
            mail.text,
            settings.DEFAULT_FROM_EMAIL,
            [mail.to],
            # one Message-ID for each row: after a crash the second copy can be told from the first
            headers={
                "Message-ID": f"<mail-{mail.pk}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2]}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        if mail.html:
            message.attach_alternative(mail.html, "text/html")
        run.check()
        message.send()

    def publish() -> None:
        services.mark_sent(mail, at=now())

    return publish


@jobs.handles("correspondence.letter", queue="build")
def render_letter(run: jobs.Run) -> jobs.Publish:
    from requests_app.correspondence.pdf import letter_pdf  # WeasyPrint takes seconds to import

    letter = Letter.objects.get(pk=run.payload["letter"])
    with files.scratch() as folder:
        target = folder / "letter.pdf"
        letter_pdf(letter.html, target)
        stored = files.store_file(target, area="derived")

    def publish() -> str:
        Letter.objects.filter(pk=letter.pk).update(pdf_address=stored.address, pdf_sha256=stored.sha256)
        return stored.sha256

    return publish
