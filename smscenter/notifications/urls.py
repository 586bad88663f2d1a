from django.urls import path

from smscenter.notifications import views

urlpatterns = [
    path("", views.notification_list, name="notification_list"),
    path("bell/", views.notification_bell, name="notification_bell"),
    path("panel/", views.notification_panel, name="notification_panel"),
    path("read/", views.notification_read_all, name="notification_read_all"),
    path("settings/", views.notification_settings, name="notification_settings"),
    path("<int:pk>/", views.notification_open, name="notification_open"),
]
