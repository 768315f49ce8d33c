# Has Systems Manager install stocktake on every instance with a tag, and offers a document for ad hoc scans.

resource "aws_ssm_document" "install" {
  name            = "${var.name}-install"
  document_type   = "Command"
  document_format = "YAML"
  content         = file("${path.module}/../../ec2/install.yaml")
  tags            = var.tags
}

resource "aws_ssm_document" "scan" {
  name            = "${var.name}-scan"
  document_type   = "Command"
  document_format = "YAML"
  content         = file("${path.module}/../../ec2/scan.yaml")
  tags            = var.tags
}

resource "aws_ssm_association" "install" {
  name                = aws_ssm_document.install.name
  association_name    = "${var.name}-install"
  schedule_expression = var.schedule
  max_concurrency     = var.max_concurrency
  max_errors          = var.max_errors

  parameters = {
    BackendUrl         = var.backend_url
    Repository         = var.repository
    JoinTokenParameter = var.join_token_parameter
  }

  targets {
    key    = "tag:${var.target_tag.key}"
    values = [var.target_tag.value]
  }
}
