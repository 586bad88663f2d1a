from django.urls import path

from smscenter.support.views import help as help_centre
from smscenter.support.views import request

urlpatterns = [
    path("help/", help_centre.help_index, name="help_index"),
    path("help/whitelist/", request.whitelist_request, name="whitelist_request"),
    path("help/<slug:slug>/", help_centre.help_article, name="help_article"),
    path("requests/", request.request_list, name="request_list"),
    path("requests/<int:pk>/", request.request_detail, name="request_detail"),
    path("requests/<int:pk>/edit/", request.request_edit, name="request_edit"),
    path("requests/<int:pk>/submit/", request.request_submit, name="request_submit"),
    path("requests/<int:pk>/withdraw/", request.request_withdraw, name="request_withdraw"),
]
