from django.urls import path

from leads.views import contacts, lead, lists, notes, palette

urlpatterns = [
    path("palette/", palette.palette, name="palette"),
    path("leads/", lists.lead_list, name="lead_list"),
    path("leads/export/", lists.lead_export, name="lead_export"),
    path("leads/new/", lead.lead_new, name="lead_new"),
    path("leads/<int:pk>/", lead.lead_detail, name="lead_detail"),
    path("leads/<int:pk>/edit/", lead.lead_edit, name="lead_edit"),
    path("leads/<int:pk>/details/", lead.lead_details, name="lead_details"),
    path("leads/<int:pk>/timeline/", lead.lead_timeline, name="lead_timeline"),
    path("leads/<int:pk>/news/", lead.lead_news, name="lead_news"),
    path("leads/<int:pk>/contacts/", contacts.contact_list, name="contact_list"),
    path("leads/<int:pk>/contacts/new/", contacts.contact_new, name="contact_new"),
    path("leads/<int:pk>/notes/new/", notes.note_new, name="note_new"),
    path("contacts/<int:pk>/edit/", contacts.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/delete/", contacts.contact_delete, name="contact_delete"),
    path("notes/<int:pk>/", notes.note_detail, name="note_detail"),
    path("notes/<int:pk>/edit/", notes.note_edit, name="note_edit"),
    path("notes/<int:pk>/delete/", notes.note_delete, name="note_delete"),
]
