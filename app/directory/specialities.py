"""The fixed list of specialities: what patients read, and the words they look for them by."""

from dataclasses import dataclass

from app.errors import _


@dataclass(frozen=True)
class Speciality:
    """`name` is a marked sentence, `hindi` its name in Hindi, `words` what else people type."""

    name: str
    hindi: str
    words: str


_SURGERY = "surgeon surgeons surgery surgical operation ऑपरेशन सर्जरी सर्जन"
"""What all who operate are looked for by."""

SPECIALITY_WORDS: dict[str, Speciality] = {
    "general_medicine": Speciality(
        _("General medicine"),
        "सामान्य चिकित्सा",
        "general physician gp family medicine internal fever cold cough flu viral infection bukhar "
        "बुखार खांसी जुकाम फिजिशियन",
    ),
    "dentistry": Speciality(
        _("Dentistry"),
        "दंत चिकित्सा",
        f"{_SURGERY} dentist dental tooth teeth gums orthodontist toothache pain braces root canal daant "
        "दांत दाँत दंत मसूड़े दर्द",
    ),
    "paediatrics": Speciality(
        _("Children's medicine"),
        "बाल चिकित्सा",
        "paediatrician pediatrics pediatrician child children kid kids baby babies newborn infant bachcha "
        "बच्चा बच्चे बच्चों शिशु बाल रोग",
    ),
    "gynaecology": Speciality(
        _("Women's health"),
        "स्त्री रोग",
        f"{_SURGERY} gynaecologist gynecology gynecologist obstetrics obstetrician woman women lady "
        "ladies female pregnancy maternity delivery period periods pain infertility "
        "महिला स्त्री लेडी गर्भावस्था प्रसूति",
    ),
    "cardiology": Speciality(
        _("Heart"),
        "हृदय रोग",
        f"{_SURGERY} cardiologist cardiology cardiac chest pain blood pressure bp dil दिल हृदय ह्रदय हार्ट",
    ),
    "dermatology": Speciality(
        _("Skin"),
        "त्वचा रोग",
        "dermatologist dermatology hair acne pimples rash itching allergy nails twacha "
        "त्वचा चमड़ी बाल मुंहासे खुजली स्किन",
    ),
    "ent": Speciality(
        _("Ear, nose and throat"),
        "कान, नाक और गला",
        f"{_SURGERY} ent otolaryngologist otolaryngology sinus hearing tonsils pain kaan naak gala "
        "कान नाक गला ईएनटी",
    ),
    "ophthalmology": Speciality(
        _("Eyes"),
        "नेत्र रोग",
        f"{_SURGERY} eye ophthalmologist ophthalmology vision glasses cataract aankh आंख आँख आंखें नेत्र मोतियाबिंद",
    ),
    "orthopaedics": Speciality(
        _("Bones and joints"),
        "हड्डी और जोड़",
        f"{_SURGERY} orthopaedic orthopedics orthopedic orthopedist ortho bone joint knee back neck "
        "shoulder spine fracture pain haddi हड्डी हड्डियां जोड़ जोड़ों घुटना घुटने कमर दर्द",
    ),
    "neurology": Speciality(
        _("Nerves and brain"),
        "तंत्रिका रोग",
        f"{_SURGERY} neurologist neurology neuro neurosurgeon nerve head headache pain migraine stroke "
        "epilepsy fits dimag दिमाग नस मस्तिष्क सिर दर्द सिरदर्द न्यूरो",
    ),
    "psychiatry": Speciality(
        _("Mental health"),
        "मानसिक स्वास्थ्य",
        "psychiatrist psychologist psychology counsellor counselling depression anxiety stress sleep mind "
        "मन तनाव अवसाद मनोचिकित्सा",
    ),
    "gastroenterology": Speciality(
        _("Stomach and digestion"),
        "पेट और पाचन",
        f"{_SURGERY} gastroenterologist gastro liver acidity gas abdomen bowel pain ache pet "
        "पेट दर्द लीवर गैस पाचन",
    ),
    "endocrinology": Speciality(
        _("Diabetes and hormones"),
        "मधुमेह और हार्मोन",
        "endocrinologist endocrinology diabetologist diabetic sugar thyroid hormone "
        "मधुमेह शुगर डायबिटीज थायराइड",
    ),
    "pulmonology": Speciality(
        _("Lungs and breathing"),
        "फेफड़े और सांस",
        "pulmonologist pulmonology physician lung chest asthma breath tb respiratory saans "
        "फेफड़ा फेफड़े सांस साँस दमा छाती",
    ),
    "urology": Speciality(
        _("Kidneys and bladder"),
        "गुर्दा और मूत्र रोग",
        f"{_SURGERY} urologist urology nephrologist nephrology kidney stone urine prostate dialysis gurda "
        "गुर्दा गुर्दे किडनी पथरी पेशाब मूत्र",
    ),
    "oncology": Speciality(
        _("Cancer"),
        "कैंसर",
        f"{_SURGERY} oncologist oncology tumour tumor chemotherapy lump कैंसर गांठ ट्यूमर",
    ),
    "general_surgery": Speciality(
        _("Surgery"),
        "शल्य चिकित्सा",
        f"{_SURGERY} general hernia piles appendix gallbladder हर्निया बवासीर",
    ),
    "physiotherapy": Speciality(
        _("Physiotherapy"),
        "फिजियोथेरेपी",
        "physiotherapist physio rehabilitation exercise pain sports injury व्यायाम दर्द फिजियो",
    ),
    "ayurveda": Speciality(_("Ayurveda"), "आयुर्वेद", "ayurvedic vaidya panchakarma herbal आयुर्वेदिक वैद्य पंचकर्म"),
    "homeopathy": Speciality(
        _("Homeopathy"), "होम्योपैथी", "homeopath homeopathic homoeopathy homoeopathic होम्योपैथिक"
    ),
}
"""Key → names and words. A key stays for ever; a change of names or words needs a new LISTING_VERSION."""

SPECIALITIES: dict[str, str] = {key: one.name for key, one in SPECIALITY_WORDS.items()}
"""The list as patients read it: key → marked sentence."""
