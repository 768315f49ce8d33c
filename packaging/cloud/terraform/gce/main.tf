# Has VM Manager keep stocktake installed and configured on every instance with a label, by one OS policy for each zone.

locals {
  configuration = yamlencode({ backend = { url = var.backend_url } })

  families = {
    apt = ["debian", "ubuntu"]
    yum = ["rhel", "rocky", "centos", "almalinux"]
  }
}

resource "google_os_config_os_policy_assignment" "stocktake" {
  for_each = toset(var.zones)

  name     = var.name
  location = each.value
  project  = var.project

  instance_filter {
    inclusion_labels {
      labels = var.target_labels
    }
  }

  os_policies {
    id                            = "stocktake"
    mode                          = "ENFORCEMENT"
    allow_no_resource_group_match = true

    dynamic "resource_groups" {
      for_each = local.families

      content {
        dynamic "inventory_filters" {
          for_each = resource_groups.value

          content {
            os_short_name = inventory_filters.value
          }
        }

        resources {
          id = "configuration"

          file {
            path        = "/etc/stocktake/conf.d/backend.yaml"
            state       = "CONTENTS_MATCH"
            permissions = "644"
            content     = local.configuration
          }
        }

        resources {
          id = "repository"

          repository {
            dynamic "apt" {
              for_each = resource_groups.key == "apt" ? [1] : []

              content {
                archive_type = "DEB"
                uri          = "${var.repository}/apt"
                distribution = "stable"
                components   = ["main"]
                gpg_key      = "${var.repository}/stocktake.asc"
              }
            }

            dynamic "yum" {
              for_each = resource_groups.key == "yum" ? [1] : []

              content {
                id           = "stocktake"
                display_name = "stocktake"
                base_url     = "${var.repository}/rpm"
                gpg_keys     = ["${var.repository}/stocktake.asc"]
              }
            }
          }
        }

        resources {
          id = "package"

          pkg {
            desired_state = "INSTALLED"

            dynamic "apt" {
              for_each = resource_groups.key == "apt" ? [1] : []

              content {
                name = "stocktake"
              }
            }

            dynamic "yum" {
              for_each = resource_groups.key == "yum" ? [1] : []

              content {
                name = "stocktake"
              }
            }
          }
        }

        resources {
          id = "service"

          exec {
            validate {
              interpreter = "SHELL"
              script      = "systemctl is-enabled --quiet stocktake && exit 100 || exit 101"
            }

            enforce {
              interpreter = "SHELL"
              script      = "systemctl enable --now stocktake && exit 100"
            }
          }
        }
      }
    }
  }

  rollout {
    disruption_budget {
      percent = var.percent_at_a_time
    }

    min_wait_duration = "60s"
  }
}
