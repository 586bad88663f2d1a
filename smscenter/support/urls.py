from django.urls import include, path

from smscenter.support.help import views as help_center
from smscenter.support.replies.views import receive_mail
from smscenter.support.requests.views import contact, evidence, request, resend, whitelist

urlpatterns = [
    path("help/", help_center.help_index, name="help_index"),
    path("help/codes/", help_center.help_codes, name="help_codes"),
    path("help/contact/", contact.contact_support, name="contact_support"),
    path("help/whitelist/", whitelist.whitelist_request, name="whitelist_request"),
    path("help/<slug:slug>/", help_center.help_article, name="help_article"),
    path("requests/", request.request_list, name="request_list"),
    path("requests/<int:pk>/", request.request_detail, name="request_detail"),
    path("requests/<int:pk>/edit/", whitelist.request_edit, name="request_edit"),
    path("requests/<int:pk>/resend/", resend.request_resend, name="request_resend"),
    path("requests/<int:pk>/comment/", request.request_comment, name="request_comment"),
    path("requests/<int:pk>/submit/", request.request_submit, name="request_submit"),
    path("requests/<int:pk>/withdraw/", request.request_withdraw, name="request_withdraw"),
    path("mail/", receive_mail, name="receive_mail"),
    path("review/", include("smscenter.support.review.urls")),
    path("evidence/<int:pk>/", evidence.evidence_file, name="evidence_file"),
    path("evidence/<int:pk>/delete/", evidence.evidence_delete, name="evidence_delete"),
]
