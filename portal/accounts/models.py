from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from portal.accounts.rules import PERMISSIONS, Permission, Role


class UserQuerySet(models.QuerySet["User"]):
    def staff(self) -> "UserQuerySet":
        return self.filter(grants__isnull=False).distinct()

    def with_role(self, role: Role) -> "UserQuerySet":
        return self.filter(grants__role=role)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Without a password the person can only sign in by an e-mailed code."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. Requesters have no role row and sign in by code; staff have roles, a password and MFA."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    postal_address = models.TextField(max_length=500, blank=True)
    language = models.CharField(max_length=5, default="en")
    title = models.CharField(max_length=100, blank=True)  # staff: printed below decisions
    is_active = models.BooleanField(default=True)
    password_is_initial = models.BooleanField(default=False)  # made by an administrator: to be changed first
    is_demo = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_any_case"),
            models.CheckConstraint(name="user_email_given", condition=~Q(email="")),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    @property
    def roles(self) -> frozenset[Role]:
        """The person's roles; read once for each loaded row."""
        if not hasattr(self, "_roles"):
            self._roles = frozenset(Role(role) for role in self.grants.values_list("role", flat=True))
        return self._roles

    @property
    def permissions(self) -> frozenset[Permission]:
        return frozenset().union(*(PERMISSIONS[role] for role in self.roles))

    def may(self, permission: Permission) -> bool:
        """This will tell whether any of the person's roles carries the permission. Unknown means no."""
        return self.is_active and permission in self.permissions

    # Django's admin asks these three; only an administrator enters it.
    @property
    def is_staff(self) -> bool:
        return self.may(Permission.ADMINISTER)

    @property
    def is_superuser(self) -> bool:
        return False

    @property
    def is_records_staff(self) -> bool:
        """Whether the person works here at all (holds any role)."""
        return self.is_active and bool(self.roles)

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        return self.is_staff

    def has_perms(self, perms: Iterable[str], obj: object | None = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class RoleGrant(models.Model):
    """One role of one person. Named rows, never bit masks."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=16, choices=[(role.value, role.label) for role in Role])
    granted_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "role"], name="role_once_a_person")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"
