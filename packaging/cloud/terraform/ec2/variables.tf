variable "backend_url" {
  description = "Address of the backend, https://."
  type        = string

  validation {
    condition     = startswith(var.backend_url, "https://")
    error_message = "backend_url: expected an https:// address."
  }
}

variable "repository" {
  description = "Address of the repository that packaging/repository laid out, https://."
  type        = string

  validation {
    condition     = startswith(var.repository, "https://")
    error_message = "repository: expected an https:// address."
  }
}

variable "join_token_parameter" {
  description = "Name of the SecureString in Parameter Store that lets agents enrol; instances must be allowed to read it. Empty where a token is in place."
  type        = string
  default     = ""
}

variable "target_tag" {
  description = "The tag of the instances that get stocktake."
  type        = object({ key = string, value = string })
  default     = { key = "stocktake", value = "true" }
}

variable "schedule" {
  description = "When the installation is repeated, so that instances that come later get it, too."
  type        = string
  default     = "rate(12 hours)"
}

variable "max_concurrency" {
  description = "How many instances at a time."
  type        = string
  default     = "10%"
}

variable "max_errors" {
  description = "After how many failures it stops."
  type        = string
  default     = "10%"
}

variable "name" {
  description = "Start of the names of what is made."
  type        = string
  default     = "stocktake"
}

variable "tags" {
  description = "Tags of what is made."
  type        = map(string)
  default     = {}
}
