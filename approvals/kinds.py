"""Every type of object that Intune's Multi Admin Approval can hold: its name, its access policy, its place in Graph.

This table is the only one. A type is known by the last part of a request's `payloadType`, in lower case. The names are
those under which tools have seen requests (markorr321/Intune-MAA, `ResourceTypeMap`; KelvinTegelaar/CIPP-API), those
that Intune's reports use (`PolicyBaseTypeName`: DeviceManagementConfigurationPolicy, DeviceConfigurationAdmxPolicy,
DeviceManagementIntent), and every type that Graph's schema derives from them (PyPI msgraph-beta-sdk 1.66.0), because it
is not documented which of these a request carries. Types that can be protected:
https://learn.microsoft.com/intune/fundamentals/role-based-access-control/multi-admin-approval
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """The place where an object keeps what a reviewer judges."""

    PLAIN = "plain"
    """In its own properties."""

    CATALOGUE = "catalogue"
    """In a collection of settings, each with a definition."""

    INTENT = "intent"
    """In a collection of settings with values as JSON."""

    ADMINISTRATIVE = "administrative"
    """In a collection of values of administrative templates (ADMX)."""

    DEVICE = "device"
    """Nowhere: the request contains everything."""


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """One type of object.

    `place` is the collection in which Graph shows its present state, below the version; empty if there is none.
    `expand` names what has to be requested explicitly. `policy_type` is the access policy that protects it, in lower
    case; empty if only the request can tell.
    """

    code: str
    noun: str
    policy_type: str
    place: str
    names: frozenset[str]
    shape: Shape = Shape.PLAIN
    expand: str = ""


APP_ASSIGNMENT = "app-assignment"
"""One assignment of an app as an object of its own. To delete it deletes no app."""

UNKNOWN_TYPE = "a type that Countersign does not know"
"""Shown for every other type. Its request is shown as it was filed."""

_APPS = """
    androidaospreferencedapp androidforworkapp androidlobapp androidmanagedstoreapp
    androidmanagedstorewebapp androidstoreapp iosipadoswebclip ioslobapp iosstoreapp iosvppapp macosdmgapp
    macoslobapp macosmicrosoftdefenderapp macosmicrosoftedgeapp macosofficesuiteapp macospkgapp macosvppapp
    macoswebclip managedandroidlobapp managedandroidstoreapp managedapp managedioslobapp managediosstoreapp
    managedmobilelobapp microsoftstoreforbusinessapp mobilelobapp officesuiteapp webapp win32catalogapp
    win32lobapp windowsappx windowsautoupdatecatalogapp windowsmicrosoftedgeapp windowsmobilemsi
    windowsphone81appx windowsphone81appxbundle windowsphone81storeapp windowsphonexap windowsstoreapp
    windowsuniversalappx windowswebapp wingetapp
"""
_DEVICE_CONFIGURATIONS = """
    androidcertificateprofilebase androidcustomconfiguration androiddeviceownercertificateprofilebase
    androiddeviceownerderivedcredentialauthenticationconfiguration
    androiddeviceownerenterprisewificonfiguration androiddeviceownergeneraldeviceconfiguration
    androiddeviceownerimportedpfxcertificateprofile androiddeviceownerpkcscertificateprofile
    androiddeviceownerscepcertificateprofile androiddeviceownertrustedrootcertificate
    androiddeviceownervpnconfiguration androiddeviceownerwificonfiguration
    androideasemailprofileconfiguration androidenterprisewificonfiguration
    androidforworkcertificateprofilebase androidforworkcustomconfiguration
    androidforworkeasemailprofilebase androidforworkenterprisewificonfiguration
    androidforworkgeneraldeviceconfiguration androidforworkgmaileasconfiguration
    androidforworkimportedpfxcertificateprofile androidforworknineworkeasconfiguration
    androidforworkpkcscertificateprofile androidforworkscepcertificateprofile
    androidforworktrustedrootcertificate androidforworkvpnconfiguration androidforworkwificonfiguration
    androidgeneraldeviceconfiguration androidimportedpfxcertificateprofile androidomacpconfiguration
    androidpkcscertificateprofile androidscepcertificateprofile androidtrustedrootcertificate
    androidvpnconfiguration androidwificonfiguration androidworkprofilecertificateprofilebase
    androidworkprofilecustomconfiguration androidworkprofileeasemailprofilebase
    androidworkprofileenterprisewificonfiguration androidworkprofilegeneraldeviceconfiguration
    androidworkprofilegmaileasconfiguration androidworkprofilenineworkeasconfiguration
    androidworkprofilepkcscertificateprofile androidworkprofilescepcertificateprofile
    androidworkprofiletrustedrootcertificate androidworkprofilevpnconfiguration
    androidworkprofilewificonfiguration aospdeviceownercertificateprofilebase
    aospdeviceownerdeviceconfiguration aospdeviceownerenterprisewificonfiguration
    aospdeviceownerpkcscertificateprofile aospdeviceownerscepcertificateprofile
    aospdeviceownertrustedrootcertificate aospdeviceownerwificonfiguration
    appledevicefeaturesconfigurationbase appleexpeditedcheckinconfigurationbase applevpnconfiguration
    easemailprofileconfigurationbase editionupgradeconfiguration ioscertificateprofile
    ioscertificateprofilebase ioscustomconfiguration iosderivedcredentialauthenticationconfiguration
    iosdevicefeaturesconfiguration ioseasemailprofileconfiguration ioseducationdeviceconfiguration
    iosedudeviceconfiguration iosenterprisewificonfiguration iosexpeditedcheckinconfiguration
    iosgeneraldeviceconfiguration iosikev2vpnconfiguration iosimportedpfxcertificateprofile
    iospkcscertificateprofile iosscepcertificateprofile iostrustedrootcertificate iosupdateconfiguration
    iosvpnconfiguration ioswificonfiguration ioswirednetworkconfiguration macoscertificateprofilebase
    macoscustomappconfiguration macoscustomconfiguration macosdevicefeaturesconfiguration
    macosendpointprotectionconfiguration macosenterprisewificonfiguration macosextensionsconfiguration
    macosgeneraldeviceconfiguration macosimportedpfxcertificateprofile macospkcscertificateprofile
    macosscepcertificateprofile macossoftwareupdateconfiguration macostrustedrootcertificate
    macosvpnconfiguration macoswificonfiguration macoswirednetworkconfiguration sharedpcconfiguration
    unsupporteddeviceconfiguration vpnconfiguration windows10certificateprofilebase
    windows10customconfiguration windows10devicefirmwareconfigurationinterface
    windows10easemailprofileconfiguration windows10endpointprotectionconfiguration
    windows10enterprisemodernappmanagementconfiguration windows10generalconfiguration
    windows10importedpfxcertificateprofile windows10networkboundaryconfiguration
    windows10pfximportcertificateprofile windows10pkcscertificateprofile
    windows10secureassessmentconfiguration windows10teamgeneralconfiguration windows10vpnconfiguration
    windows81certificateprofilebase windows81generalconfiguration windows81scepcertificateprofile
    windows81trustedrootcertificate windows81vpnconfiguration windows81wifiimportconfiguration
    windowscertificateprofilebase windowsdefenderadvancedthreatprotectionconfiguration
    windowsdeliveryoptimizationconfiguration windowsdomainjoinconfiguration
    windowshealthmonitoringconfiguration windowsidentityprotectionconfiguration windowskioskconfiguration
    windowsphone81certificateprofilebase windowsphone81customconfiguration
    windowsphone81generalconfiguration windowsphone81importedpfxcertificateprofile
    windowsphone81scepcertificateprofile windowsphone81trustedrootcertificate
    windowsphone81vpnconfiguration windowsphoneeasemailprofileconfiguration
    windowsupdateforbusinessconfiguration windowsvpnconfiguration windowswificonfiguration
    windowswifienterpriseeapconfiguration windowswirednetworkconfiguration windowsztdnsconfiguration
"""
_COMPLIANCE = """
    androidcompliancepolicy androiddeviceownercompliancepolicy androidforworkcompliancepolicy
    androidworkprofilecompliancepolicy aospdeviceownercompliancepolicy defaultdevicecompliancepolicy
    ioscompliancepolicy macoscompliancepolicy windows10compliancepolicy windows10mobilecompliancepolicy
    windows81compliancepolicy windowsphone81compliancepolicy
"""
_ENROLLMENT = """
    devicecomanagementauthorityconfiguration deviceenrollmentlimitconfiguration
    deviceenrollmentnotificationconfiguration deviceenrollmentplatformrestrictionconfiguration
    deviceenrollmentplatformrestrictionsconfiguration deviceenrollmentwindowshelloforbusinessconfiguration
    windows10enrollmentcompletionpageconfiguration windowsrestoredeviceenrollmentconfiguration
"""


def _names(*texts: str) -> frozenset[str]:
    return frozenset(name for text in texts for name in text.split())


_CONFIGURATION, _COMPLIANCE_TYPE, _SCRIPT, _ROLE = "configurationpolicy", "compliancepolicy", "script", "role"

KINDS = (
    ObjectKind("app", "app", "app", "deviceAppManagement/mobileApps", _names("mobileapp", _APPS)),
    ObjectKind(APP_ASSIGNMENT, "app", "app", "", _names("mobileappassignment")),
    ObjectKind(
        "app-relationship",
        "relationship of an app",
        "app",
        "deviceAppManagement/mobileAppRelationships",
        _names("mobileapprelationship mobileappdependency mobileappsupersedence"),
    ),
    ObjectKind(
        "script",
        "script",
        _SCRIPT,
        "deviceManagement/deviceManagementScripts",
        _names("devicemanagementscript"),
    ),
    ObjectKind(
        "shell-script", "shell script", _SCRIPT, "deviceManagement/deviceShellScripts", _names("deviceshellscript")
    ),
    ObjectKind(
        "remediation",
        "remediation",
        _SCRIPT,
        "deviceManagement/deviceHealthScripts",
        _names("devicehealthscript"),
    ),
    ObjectKind(
        "custom-attribute",
        "custom attribute script",
        _SCRIPT,
        "deviceManagement/deviceCustomAttributeShellScripts",
        _names("devicecustomattributeshellscript"),
    ),
    ObjectKind(
        "compliance-script",
        "compliance script",
        _SCRIPT,
        "deviceManagement/deviceComplianceScripts",
        _names("devicecompliancescript"),
    ),
    ObjectKind(
        "configuration-policy",
        "configuration policy",
        _CONFIGURATION,
        "deviceManagement/configurationPolicies",
        _names("configurationpolicy devicemanagementconfigurationpolicy"),
        Shape.CATALOGUE,
    ),
    ObjectKind(
        "catalogue-policy",
        "policy",
        "",
        "deviceManagement/configurationPolicies",
        _names("idevicemanagementpolicy devicemanagementpolicy"),
        Shape.CATALOGUE,
    ),
    ObjectKind(
        "device-configuration",
        "configuration profile",
        _CONFIGURATION,
        "deviceManagement/deviceConfigurations",
        _names("deviceconfiguration", _DEVICE_CONFIGURATIONS),
    ),
    ObjectKind(
        "administrative-template",
        "administrative template",
        _CONFIGURATION,
        "deviceManagement/groupPolicyConfigurations",
        _names("grouppolicyconfiguration deviceconfigurationadmxpolicy"),
        Shape.ADMINISTRATIVE,
    ),
    ObjectKind(
        "baseline",
        "security baseline",
        _CONFIGURATION,
        "deviceManagement/intents",
        _names("devicemanagementintent"),
        Shape.INTENT,
    ),
    ObjectKind(
        "enrollment",
        "enrollment configuration",
        _CONFIGURATION,
        "deviceManagement/deviceEnrollmentConfigurations",
        _names("deviceenrollmentconfiguration", _ENROLLMENT),
    ),
    ObjectKind(
        "autopilot",
        "Autopilot profile",
        _CONFIGURATION,
        "deviceManagement/windowsAutopilotDeploymentProfiles",
        _names(
            "windowsautopilotdeploymentprofile activedirectorywindowsautopilotdeploymentprofile"
            " azureadwindowsautopilotdeploymentprofile"
        ),
    ),
    ObjectKind(
        "feature-update",
        "feature update profile",
        _CONFIGURATION,
        "deviceManagement/windowsFeatureUpdateProfiles",
        _names("windowsfeatureupdateprofile"),
    ),
    ObjectKind(
        "quality-update",
        "quality update profile",
        _CONFIGURATION,
        "deviceManagement/windowsQualityUpdateProfiles",
        _names("windowsqualityupdateprofile"),
    ),
    ObjectKind(
        "quality-update-policy",
        "quality update policy",
        _CONFIGURATION,
        "deviceManagement/windowsQualityUpdatePolicies",
        _names("windowsqualityupdatepolicy"),
    ),
    ObjectKind(
        "driver-update",
        "driver update profile",
        _CONFIGURATION,
        "deviceManagement/windowsDriverUpdateProfiles",
        _names("windowsdriverupdateprofile"),
    ),
    ObjectKind(
        "compliance",
        "compliance policy",
        _COMPLIANCE_TYPE,
        "deviceManagement/deviceCompliancePolicies",
        _names("devicecompliancepolicy", _COMPLIANCE),
        expand="scheduledActionsForRule($expand=scheduledActionConfigurations)",
    ),
    ObjectKind(
        "catalogue-compliance",
        "compliance policy",
        _COMPLIANCE_TYPE,
        "deviceManagement/compliancePolicies",
        _names("compliancepolicy devicemanagementcompliancepolicy"),
        Shape.CATALOGUE,
        expand="scheduledActionsForRule($expand=scheduledActionConfigurations)",
    ),
    ObjectKind(
        "role",
        "role",
        _ROLE,
        "deviceManagement/roleDefinitions",
        _names("roledefinition deviceandappmanagementroledefinition"),
    ),
    ObjectKind(
        "role-assignment",
        "role assignment",
        _ROLE,
        "deviceManagement/roleAssignments",
        _names("roleassignment deviceandappmanagementroleassignment"),
    ),
    ObjectKind(
        "access-policy",
        "access policy",
        "operationapprovalpolicy",
        "deviceManagement/operationApprovalPolicies",
        _names("operationapprovalpolicy"),
    ),
    ObjectKind(
        "category",
        "device category",
        "tenantconfiguration",
        "deviceManagement/deviceCategories",
        _names("devicecategory"),
    ),
    ObjectKind("device", "device", "", "", _names("manageddevice windowsmanageddevice"), Shape.DEVICE),
)

_BY_NAME = {name: kind for kind in KINDS for name in kind.names}
_BY_CODE = {kind.code: kind for kind in KINDS}


def kind_of(name: str, policy_types: Collection[str] = ()) -> ObjectKind | None:
    """Return the type of this name, or nothing if it is unknown.

    Policies of the settings catalogue share one name. The access policy that holds a request then distinguishes
    compliance from configuration.
    """
    kind = _BY_NAME.get(name.rsplit(".", 1)[-1].lstrip("#").casefold())
    if kind is not None and kind.code == "catalogue-policy":
        is_compliance = _COMPLIANCE_TYPE in {one.casefold() for one in policy_types}
        return _BY_CODE["catalogue-compliance" if is_compliance else "configuration-policy"]
    return kind


def names_of(policy_type: str) -> frozenset[str]:
    """Return every type name that this access policy protects."""
    return frozenset[str]().union(*(kind.names for kind in KINDS if kind.policy_type == policy_type))
