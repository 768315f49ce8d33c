output "assignments" {
  description = "Ids of the policies, by zone."
  value       = { for zone, assignment in google_os_config_os_policy_assignment.stocktake : zone => assignment.id }
}
