// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISessionEscrow} from "./ISessionEscrow.sol";

/// @dev Calls to tokens, which may return nothing (early ERC-20) or false in place of reverting.
library Tokens {
    error TransferFailed(address token);
    error TooLittleGas();

    /// A transfer that was given this much has failed by its own fault, however much of it it has used up.
    uint256 private constant PLENTY_OF_GAS = 5_000_000;

    function holding(address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    function pull(address token, address from, uint256 value) internal {
        bool ok = succeeds(token, abi.encodeCall(IERC20.transferFrom, (from, address(this), value)));
        if (!ok) revert TransferFailed(token);
    }

    function push(address token, address to, uint256 value) internal {
        if (!tryPush(token, to, value)) revert TransferFailed(token);
    }

    /// @return Whether it was paid. One that failed for want of gas does not count: the caller has chosen how much there
    /// is, and a 64th of it (EIP-150) can be enough for what is done in place of the transfer.
    function tryPush(address token, address to, uint256 value) internal returns (bool) {
        uint256 given = gasleft();
        bool ok = succeeds(token, abi.encodeCall(IERC20.transfer, (to, value)));
        if (!ok) checkGas(given);
        return ok;
    }

    /// @dev After a call that has failed: reverts if it may have been for want of gas.
    function checkGas(uint256 given) internal view {
        if (given < PLENTY_OF_GAS && gasleft() < given / 8) revert TooLittleGas();
    }

    /// 65 bytes go to the form of EIP-3009 itself; others, of smart wallets, to the one with `bytes` (FiatToken v2.2).
    function pullWithAuthorization(
        address token,
        ISessionEscrow.Authorization calldata a,
        uint256 value,
        bytes32 nonce
    ) internal {
        bytes calldata sig = a.signature;
        if (sig.length != 65) {
            IERC3009(token).receiveWithAuthorization(
                a.from, address(this), value, a.validAfter, a.validBefore, nonce, sig
            );
            return;
        }
        (bytes32 r, bytes32 s, uint8 v) = (bytes32(sig[0:32]), bytes32(sig[32:64]), uint8(sig[64]));
        IERC3009(token).receiveWithAuthorization(
            a.from, address(this), value, a.validAfter, a.validBefore, nonce, v, r, s
        );
    }

    function succeeds(address token, bytes memory call) private returns (bool) {
        (bool ok, bytes memory reply) = token.call(call);
        if (!ok || token.code.length == 0) return false;
        return reply.length == 0 || (reply.length >= 32 && uint256(bytes32(reply)) == 1);
    }
}

interface IERC20 {
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

interface IERC3009 {
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}
