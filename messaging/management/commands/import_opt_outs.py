from leads.imports.command import ImportCommand
from leads.models import LeadImport


class Command(ImportCommand):
    help = "Import a list of people who opted out, from a CSV file or an Excel workbook (XLSX)."
    kind = LeadImport.Kind.OPT_OUTS
