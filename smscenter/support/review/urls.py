from django.urls import path

from smscenter.support.review.views import case, packet, queue, saved_replies

urlpatterns = [
    path("", queue.review_queue, name="review_queue"),
    path("export/", queue.review_export, name="review_export"),
    path("next/", queue.review_next, name="review_next"),
    path("<int:pk>/", case.review_detail, name="review_detail"),
    path("replies/", saved_replies.saved_reply_list, name="saved_reply_list"),
    path("replies/new/", saved_replies.saved_reply_new, name="saved_reply_new"),
    path("replies/<int:pk>/", saved_replies.saved_reply_edit, name="saved_reply_edit"),
    path("replies/<int:pk>/delete/", saved_replies.saved_reply_delete, name="saved_reply_delete"),
    path("<int:pk>/move/", case.review_move, name="review_move"),
    path("<int:pk>/assign/", case.review_assign, name="review_assign"),
    path("<int:pk>/note/", case.review_note, name="review_note"),
    path("<int:pk>/reply/", case.review_reply, name="review_reply"),
    path("<int:pk>/revoke/", case.review_revoke, name="review_revoke"),
    path("<int:pk>/mail/", packet.review_mail, name="review_mail"),
    path("<int:pk>/packet.<slug:ending>", packet.review_packet, name="review_packet"),
]
