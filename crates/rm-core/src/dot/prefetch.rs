//! Asking for numbers before they are needed.

/// Asks for the numbers to be fetched from memory, ahead of their use; does nothing where there is no such request.
pub(crate) fn prefetch<N>(numbers: &[N]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // Numbers in a cache line of 64 bytes.
        for line in numbers.chunks(64 / size_of::<N>().clamp(1, 64)) {
            // SAFETY: every x86-64 CPU has SSE, and a prefetch reads nothing.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = numbers;
}
