"""What Twilio tells of a thing when nobody changed anything about it."""

VERSION = "2010-04-01"
VOICE = {
    "voice_url": "",
    "voice_method": "POST",
    "voice_fallback_url": "",
    "voice_fallback_method": "POST",
}


def number_record(number):
    return {
        "address_requirements": "none",
        "address_sid": None,
        "api_version": VERSION,
        "beta": False,
        "bundle_sid": None,
        "capabilities": {"fax": False, "mms": False, "sms": False, "voice": True},
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "friendly_name": number,
        "identity_sid": None,
        "origin": "twilio",
        "phone_number": number,
        "sms_application_sid": "",
        "sms_fallback_method": "POST",
        "sms_fallback_url": "",
        "sms_method": "POST",
        "sms_url": "",
        "status": "in-use",
        "status_callback": "",
        "status_callback_method": "POST",
        "trunk_sid": None,
        "type": "local",
        "voice_application_sid": "",
        "voice_caller_id_lookup": False,
        "voice_receive_mode": "voice",
        **VOICE,
    }


def domain_record(name):
    return {
        "api_version": VERSION,
        "auth_type": "IP_ACL",
        "byoc_trunk_sid": None,
        "domain_name": name,
        "emergency_caller_sid": None,
        "emergency_calling_enabled": False,
        "friendly_name": name,
        "secure": False,
        "sip_registration": False,
        "subresource_uris": {},
        "voice_status_callback_method": "POST",
        "voice_status_callback_url": "",
        **VOICE,
    }


def call_record(to, from_):
    return {
        "annotation": None,
        "answered_by": None,
        "api_version": VERSION,
        "caller_name": "",
        "direction": "inbound",
        "duration": None,
        "end_time": None,
        "forwarded_from": None,
        "from": from_,
        "from_formatted": from_,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "start_time": None,
        "status": "queued",
        "stir_verstat": None,
        "subresource_uris": {},
        "to": to,
        "to_formatted": to,
        "trunk_sid": None,
    }


def country_record(url, enabled):
    return {
        "iso_code": "NL",
        "name": "Netherlands",
        "continent": "EUROPE",
        "country_codes": ["+31"],
        **enabled,
        "url": url,
        "links": {"highrisk_special_prefixes": f"{url}/HighRiskSpecialPrefixes"},
    }
