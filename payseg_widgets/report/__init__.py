"""Write a study out: page, workbook, tables and terminal text."""
