module kubectl-qos.dev/real-nodes/workloads

go 1.26
