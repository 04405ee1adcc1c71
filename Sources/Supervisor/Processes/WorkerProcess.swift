// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc

/// A running worker: its process id, and the supervisor's end of its control socket.
package struct WorkerProcess {
    /// Its process id.
    package let pid: pid_t
    /// The supervisor's end of its control socket.
    package let control: Int32
    /// How many of the nanoseconds for which it has had a processor are counted.
    var countedTime: UInt64 = 0

    /// What reading the control socket gave.
    package enum Reading: Hashable {
        /// A message; nil stands for one of a kind that this release does not know.
        case message(ControlMessage?)
        case nothing
        case endOfFile
    }

    /// Tells the worker something; it must not wait for a worker that does not read.
    package func send(_ message: ControlMessage) throws(SystemCallError) {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        let sent = Glibc.send(control, message.bytes, ControlMessage.size, flags)
        guard sent == ControlMessage.size else { throw SystemCallError("send", code: errno) }
    }

    /// Takes the next message, if there is one.
    package func receive() -> Reading {
        // One byte more than a message, so that a longer one is not taken for one.
        var buffer = [UInt8](repeating: 0, count: ControlMessage.size + 1)
        let size = recv(control, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        if size > 0 { return .message(ControlMessage(bytes: buffer.prefix(size))) }
        return size < 0 && [EAGAIN, EINTR].contains(errno) ? .nothing : .endOfFile
    }

    /// Gives the control socket up; to the worker that means that it has no supervisor any more.
    package func closeControl() {
        close(control)
    }

    /// Asks the kernel to end the process at once.
    func kill() {
        Glibc.kill(pid, SIGKILL)
    }
}
