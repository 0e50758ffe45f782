package snapshot

// A plain fact is the content of one file.
type plain struct {
	group, name, file string
	kind              Kind
}

// looks are how the facts are found, group by group.
func looks() []func(*taker) {
	return []func(*taker){
		(*taker).identity, (*taker).plainFacts, (*taker).windows, (*taker).cpus,
		func(t *taker) {
			keys := t.keys()
			t.clocks(keys)
			t.scheduler(keys)
			t.groups(keys)
			t.golang(keys)
		},
		(*taker).meminfo, (*taker).disks, (*taker).queues, (*taker).security, (*taker).power,
		(*taker).counters,
	}
}

func (t *taker) plainFacts() {
	for _, p := range plains() {
		t.file(p.group, p.name, p.kind, p.file)
	}
}

// plains are the facts that a file says all of.
func plains() []plain {
	return []plain{
		{"identity", "version", "/proc/version", Setting},
		{"identity", "cmdline", "/proc/cmdline", Setting},
		{"identity", "os-release", "/etc/os-release", Setting},

		{"cpu", "online", "/sys/devices/system/cpu/online", Setting},
		{"cpu", "present", "/sys/devices/system/cpu/present", Setting},
		{"cpu", "isolated", "/sys/devices/system/cpu/isolated", Setting},
		{"cpu", "nohz_full", "/sys/devices/system/cpu/nohz_full", Setting},
		{"cpu", "smt", "/sys/devices/system/cpu/smt/control", Setting},
		{"cpu", "smt-active", "/sys/devices/system/cpu/smt/active", Setting},
		{"cpu", "performance-cores", "/sys/devices/cpu_core/cpus", Setting},
		{"cpu", "efficient-cores", "/sys/devices/cpu_atom/cpus", Setting},
		{"cpu", "idle-driver", "/sys/devices/system/cpu/cpuidle/current_driver", Setting},
		{"cpu", "idle-governor", "/sys/devices/system/cpu/cpuidle/current_governor", Setting},

		{"time", "clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource", Setting},
		{"time", "clocksources", "/sys/devices/system/clocksource/clocksource0/available_clocksource", Setting},
		{"time", "ptp", "/sys/class/ptp/ptp0/clock_name", Setting},

		{"scheduler", "rt-runtime-us", "/proc/sys/kernel/sched_rt_runtime_us", Setting},
		{"scheduler", "autogroup", "/proc/sys/kernel/sched_autogroup_enabled", Setting},
		{"scheduler", "base-slice-ns", "/sys/kernel/debug/sched/base_slice_ns", Setting},
		{"scheduler", "features", "/sys/kernel/debug/sched/features", Setting},
		{"scheduler", "preempt-debug", "/sys/kernel/debug/sched/preempt", Setting},

		{"memory", "swappiness", "/proc/sys/vm/swappiness", Setting},
		{"memory", "swaps", "/proc/swaps", Gauge},
		{"memory", "thp-enabled", "/sys/kernel/mm/transparent_hugepage/enabled", Setting},
		{"memory", "thp-defrag", "/sys/kernel/mm/transparent_hugepage/defrag", Setting},
		{"memory", "thp-khugepaged-defrag", "/sys/kernel/mm/transparent_hugepage/khugepaged/defrag", Setting},
		{"memory", "thp-khugepaged-scan-ms", "/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs", Setting},
		{"memory", "overcommit", "/proc/sys/vm/overcommit_memory", Setting},
		{"memory", "overcommit-ratio", "/proc/sys/vm/overcommit_ratio", Setting},
		{"memory", "hugepages", "/proc/sys/vm/nr_hugepages", Setting},
		{"memory", "numa-balancing", "/proc/sys/kernel/numa_balancing", Setting},
		{"memory", "numa-nodes", "/sys/devices/system/node/online", Setting},
		{"memory", "ksm", "/sys/kernel/mm/ksm/run", Setting},
		{"memory", "damon-reclaim", "/sys/module/damon_reclaim/parameters/enabled", Setting},
		{"memory", "page-reporting-order", "/sys/module/page_reporting/parameters/page_reporting_order", Setting},
		{"memory", "dirty-ratio", "/proc/sys/vm/dirty_ratio", Setting},
		{"memory", "dirty-background-ratio", "/proc/sys/vm/dirty_background_ratio", Setting},
		{"memory", "dirty-bytes", "/proc/sys/vm/dirty_bytes", Setting},
		{"memory", "dirty-background-bytes", "/proc/sys/vm/dirty_background_bytes", Setting},
		{"memory", "dirty-expire-cs", "/proc/sys/vm/dirty_expire_centisecs", Setting},
		{"memory", "dirty-writeback-cs", "/proc/sys/vm/dirty_writeback_centisecs", Setting},

		{"network", "somaxconn", "/proc/sys/net/core/somaxconn", Setting},
		{"network", "congestion-control", "/proc/sys/net/ipv4/tcp_congestion_control", Setting},
		{"network", "qdisc", "/proc/sys/net/core/default_qdisc", Setting},
		{"network", "syn-backlog", "/proc/sys/net/ipv4/tcp_max_syn_backlog", Setting},
		{"network", "tw-reuse", "/proc/sys/net/ipv4/tcp_tw_reuse", Setting},
		{"network", "fastopen", "/proc/sys/net/ipv4/tcp_fastopen", Setting},
		{"network", "port-range", "/proc/sys/net/ipv4/ip_local_port_range", Setting},
		{"network", "lo-mtu", "/sys/class/net/lo/mtu", Setting},

		{"security", "randomize-va-space", "/proc/sys/kernel/randomize_va_space", Setting},
		{"security", "perf-event-paranoid", "/proc/sys/kernel/perf_event_paranoid", Setting},
		{"security", "kptr-restrict", "/proc/sys/kernel/kptr_restrict", Setting},
		{"security", "lsm", "/sys/kernel/security/lsm", Setting},
		{"security", "max-user-namespaces", "/proc/sys/user/max_user_namespaces", Setting},
		{"security", "unprivileged-userns", "/proc/sys/kernel/unprivileged_userns_clone", Setting},
		{"security", "unprivileged-bpf-disabled", "/proc/sys/kernel/unprivileged_bpf_disabled", Setting},
		{"security", "tracer", "/sys/kernel/tracing/current_tracer", Setting},
	}
}
