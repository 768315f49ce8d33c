output "scan_document" {
  description = "Name of the document for ad hoc scans: aws ssm send-command --document-name NAME --targets Key=tag:stocktake,Values=true"
  value       = aws_ssm_document.scan.name
}
