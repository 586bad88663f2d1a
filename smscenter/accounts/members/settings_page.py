"""The members of an organization: who they are, and what owners change about them."""

from collections.abc import Callable
from functools import wraps

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from smscenter.accounts.http import MemberRequest, member_required, require
from smscenter.accounts.members import membership
from smscenter.accounts.members.handovers import work_of
from smscenter.accounts.models import Invitation, Organization, User
from smscenter.accounts.roles import RANKS
from smscenter.database.row_ids import row_id

PAGE = 50
VIEW, INVITE, CHANGE = "accounts.view_members", "accounts.invite_members", "accounts.change_members"


def members_of(organization: Organization) -> QuerySet[User]:
    """Return the members, also deactivated ones, with what the list shows of them."""
    second_factors = Authenticator.objects.filter(
        user=OuterRef("pk"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    )
    members = User.objects.filter(organization=organization, removed=None)
    return members.annotate(
        last_seen=Coalesce(Max("usersession__last_seen_at"), F("last_login")),
        has_second_factor=Exists(second_factors),
    ).order_by("-is_active", "first_name", "last_name", "pk")


@member_required
@require_GET
def member_list(request: MemberRequest) -> HttpResponse:
    require(request, VIEW)
    words = request.GET.get("q", "").strip()
    found = members_of(request.organization)
    for word in words.split():
        found = found.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
            | Q(username__icontains=word)
        )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    invitations = Invitation.objects.visible_to(request.user).pending().order_by("-sent", "-pk")
    context = {
        "page": page,
        "words": words,
        "total": page.paginator.count,
        "invitations": invitations[:PAGE] if not words and page.number == 1 else [],
    }
    return render(request, "accounts/members/list.html", context)


def member_gate(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Pass the member in the URL to the view: 404 to others, 403 to those who aren't owners."""

    @wraps(view)
    def gate(request: MemberRequest, pk: int) -> HttpResponseBase:
        member = get_object_or_404(members_of(request.organization), pk=pk)
        require(request, CHANGE)
        return view(request, member)

    return member_required(gate)


def confirmed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Ask people for their password or second factor again before a dangerous act."""
    checked: Callable[..., HttpResponseBase] = reauthentication_required(view, allow_get=True)
    return checked


@member_gate
@require_GET
def detail(request: MemberRequest, member: User) -> HttpResponse:
    context = {"member": member, "roles": User.Role.choices, "work": work_of(member)}
    return render(request, "accounts/members/detail.html", context)


@member_gate
@require_POST
@confirmed
def role(request: MemberRequest, member: User) -> HttpResponse:
    chosen = request.POST.get("role", "")
    if chosen not in RANKS:
        messages.error(request, "Choose a role.")
        return redirect("member_detail", member.pk)
    with membership.changing(request.organization):
        if membership.is_last_owner(member) and chosen != User.Role.OWNER:
            return _needs_owner(request, member)
        member.role = chosen
        member.save(update_fields=["role"])
    messages.success(request, f"{member} is now {User.Role(chosen).label.lower()}.")
    return redirect("member_detail", member.pk)


@member_gate
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def deactivate(request: MemberRequest, member: User) -> HttpResponse:
    """Sign a member out for good, and give their work to somebody else."""
    return _leave(request, member, membership.deactivate, "deactivated", "deactivate")


@member_gate
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def remove(request: MemberRequest, member: User) -> HttpResponse:
    """Remove a member. What they wrote stays, with their name."""
    return _leave(request, member, membership.remove, "removed", "remove")


def _leave(
    request: MemberRequest,
    member: User,
    leave: Callable[[User, User | None, User], None],
    done: str,
    verb: str,
) -> HttpResponse:
    colleagues = request.user.colleagues().exclude(pk=member.pk).exclude(role=User.Role.READ_ONLY)
    if request.method != "POST":
        context = {
            "member": member,
            "colleagues": colleagues,
            "work": work_of(member),
            "verb": verb,
        }
        return render(request, "accounts/members/leave.html", context)
    chosen = request.POST.get("to", "")
    to = get_object_or_404(colleagues, pk=row_id(chosen)) if chosen else None
    with membership.changing(request.organization):
        if membership.is_last_owner(member):
            return _needs_owner(request, member)
        leave(member, to, request.user)
    messages.success(request, f"{member} was {done}.")
    return redirect("member_list")


@member_gate
@require_POST
@confirmed
def reactivate(request: MemberRequest, member: User) -> HttpResponse:
    with membership.changing(request.organization):
        member.is_active = True
        member.save(update_fields=["is_active"])
    messages.success(request, f"{member} can sign in again.")
    return redirect("member_detail", member.pk)


@member_required
@require_POST
def second_factor(request: MemberRequest) -> HttpResponseBase:
    require(request, CHANGE)
    return require_second_factor(request)


@confirmed
def require_second_factor(request: MemberRequest) -> HttpResponse:
    """Require two-step verification of all members, or stop to."""
    required = request.POST.get("required") == "on"
    with membership.changing(request.organization) as organization:
        organization.requires_second_factor = required
        organization.save(update_fields=["requires_second_factor"])
    now = "now required" if required else "no longer required"
    messages.success(request, f"Two-step verification is {now}.")
    return redirect("member_list")


def _needs_owner(request: HttpRequest, member: User) -> HttpResponse:
    messages.error(request, f"{member} is the only owner. Make someone else an owner first.")
    return redirect("member_detail", member.pk)
