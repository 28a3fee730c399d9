module kubectl-qos.dev/test/cluster/programs/pause

go 1.26.0
