from leads.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Import leads from a CSV file or an Excel workbook (XLSX)."
