"""The models that the Core API documents, by application.

Content types of all of them are known, so that an external id can be connected with an item that
another system holds (decision record 6). Those that Portvakt holds itself need no line here.
"""

_MODELS = {
    "accounting": """
        article articleaccountoverride articlecategory autogiropayerconnection autogirostatus
        automaticcontractinvoicingsetting automaticvacancyinvoicingsetting
        bookkeepingaccountsconfig bookkeepingexportfile coinvoicenotation
        contractinvoicecontent debtinvoice debtinvoiceevent dimensionconfiguration invoice
        invoicecreditationconnection invoicepayment invoicerecipient
        invoicerelatedpdfconfiguration invoicerelatedpdffile invoicerow paymentmethod
        paymenttermssetting spacecategorydimensionvalue transaction vacancyinvoice
        vacancyinvoicerow verification verificationgroup
    """,
    "accounts": """
        integrationuseragent organizationuser organizationusersegment
        organizationuserworkengagement protectedidentity subtenant subtenantcontractconnection
        subtenanttenantconnection tenant workengagement
    """,
    "annotating": """
        customercolumntype customercolumnvalue note tag tagusage
    """,
    "brf": """
        brfapartmentinvoiceconfiguration brfapartmentpledge brfapartmentreparationfunddeposit
        brfcompany brfcompanyannualreport brfcompanycontactperson brfcompanydebt
        brftransactionparty quotacollection quotafee quotanotation realbrfcompanynotation
    """,
    "common": """
        address eventlog swedishreferencerate
    """,
    "communication": """
        faqentry tenantinformationcollection tenantinformationcollectionfile
    """,
    "configurations": """
        automationconfiguration commonorganizationsettings customercommunicationconfiguration
        securityconfiguration validationconfiguration
    """,
    "contracts": """
        apartmentcontract blockcontract contractcancellationconfiguration
        contractcancellationposition contractcancellationreason contracttransfernotation
        industrialpremisescontract othercontract outdoorsectioncontract parkingspotcontract
        signedcontractdocument
    """,
    "documents": """
        fileaccessshare folder organizationuserfileaccessshare publicfile signabledocument
        signabledocumentparty signabledocumentpartyfield
    """,
    "errands": """
        anonymousgeneralerrandlink componentconditionnotation componentconditionvalue
        customerrandfieldinclusion customerrandfieldtype customerrandfieldvalue
        errandactiondefault errandcost erranddelegationinstruction erranddelegationoffer
        externalsupplier generalerrand generalerrandaction generalerrandactionfile
        generalerranddefaultdescription generalerrandfile generalerrandgroup
        generalerrandsubtype generalerrandtype inspectionerrand inspectionerrandchecklist
        inspectionerrandfault inspectionerrandfile inspectionerrandnote
        inspectionerrandprotocolsetting inspectionerrandsetting tenantinspectionassociation
    """,
    "integrations": """
        answeredintegrationpersonalinformationaccess integrationserviceidconnection
    """,
    "markets": """
        apartmentlisting apartmentrequirementprofile marketapartment marketconfiguration
    """,
    "measurements": """
        pricegroup priceitem sensor sensorspecification
    """,
    "objects": """
        apartment apartmenttargetaudience apartmentterms apartmentvacancylossnotation
        apartmentvacancynotation brfapartment building commonarea community componentmodel
        componenttype industrialpremises industrialpremisestargetaudience
        industrialpremisesterms industrialpremisesvacancylossnotation
        industrialpremisesvacancynotation outdoorarea outdoorsection
        outdoorsectiontargetaudience outdoorsectionterms outdoorsectionvacancylossnotation
        outdoorsectionvacancynotation parkinglot parkingspot parkingspottargetaudience
        parkingspotterms parkingspotvacancylossnotation parkingspotvacancynotation realestate
        region
    """,
    "organization": """
        company externalclient externalclientcontactperson
    """,
    "sales": """
        organization
    """,
}

KNOWN_CONTENT_TYPES: tuple[str, ...] = tuple(
    f"{application}.{model}" for application, models in _MODELS.items() for model in models.split()
)
"""Every documented `app.model`."""
