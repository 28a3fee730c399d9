// Package cpu uses up CPU time.
package cpu

import (
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// Some 20 microseconds of work, between two looks at the clock.
const iterationsPerLook = 10_000

const clockThreadCPUTime = 3 // CLOCK_THREAD_CPUTIME_ID

// Use returns when the calling goroutine has had so much CPU time. What a node's speed, its neighbours and
// limits do shows in how long that takes; how fast the machine is that the nodes are on does not.
func Use(amount time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	until := threadTime() + amount
	for threadTime() < until {
		Spin()
	}
}

// Spin works for some 20 microseconds.
//
//go:noinline
func Spin() uint64 {
	x := uint64(88172645463325252)
	for range iterationsPerLook {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func threadTime() time.Duration {
	var spec syscall.Timespec
	// It cannot fail: the clock and the pointer are valid.
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPUTime, uintptr(unsafe.Pointer(&spec)), 0)
	return time.Duration(spec.Nano())
}
