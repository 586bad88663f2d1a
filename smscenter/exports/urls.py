from django.urls import path

from smscenter.exports import views

urlpatterns = [
    path("settings/data/", views.data_settings, name="data_settings"),
    path("settings/data/<int:pk>/download/", views.archive_download, name="archive_download"),
]
