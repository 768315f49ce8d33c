variable "project" {
  description = "Project of the instances."
  type        = string
}

variable "zones" {
  description = "Zones of the instances."
  type        = list(string)
}

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

variable "target_labels" {
  description = "The labels of the instances that get stocktake."
  type        = map(string)
  default     = { stocktake = "true" }
}

variable "percent_at_a_time" {
  description = "How many of the instances of a zone at a time."
  type        = number
  default     = 10
}

variable "name" {
  description = "Name of the policy."
  type        = string
  default     = "stocktake"
}
