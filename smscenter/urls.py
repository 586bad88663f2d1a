from django.contrib import admin
from django.urls import include, path

from smscenter import health, undo
from smscenter.rendering import style

handler500 = "smscenter.middleware.request_log.server_error"

urlpatterns = [
    path("", include("smscenter.accounts.urls")),
    path("", include("search.urls")),
    path("", include("smscenter.audit.urls")),
    path("", include("smscenter.view_as.urls")),
    path("notifications/", include("smscenter.notifications.urls")),
    path("", include("smscenter.exports.urls")),
    path("", include("leads.urls")),
    path("", include("messaging.urls")),
    path("", include("smscenter.support.urls")),
    path("style/", style.style, name="style"),
    path("undo/", undo.undo, name="undo"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
