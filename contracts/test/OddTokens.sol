// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title Keeps one part in a hundred of every transfer.
contract FeeToken is TestToken {
    function _move(address from, address to, uint256 value) internal override {
        super._move(from, to, value - value / 100);
        super._move(from, address(0xfee), value / 100);
    }
}

/// @title Says false in place of reverting.
contract FalseToken is TestToken {
    function transfer(address to, uint256 value) external override returns (bool) {
        if (blocked[to] || balanceOf[msg.sender] < value) return false;
        _move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external override returns (bool) {
        if (allowance[from][msg.sender] < value || balanceOf[from] < value) return false;
        allowance[from][msg.sender] -= value;
        _move(from, to, value);
        return true;
    }
}

/// @title Returns nothing, as the first tokens do.
contract SilentToken {
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 value) external {
        balanceOf[to] += value;
    }

    function approve(address, uint256) external {}

    function transfer(address to, uint256 value) external {
        transferFrom(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) public {
        balanceOf[from] -= value;
        balanceOf[to] += value;
    }
}

/// @title Takes more gas for a transfer than most calls have.
contract HeavyToken is TestToken {
    uint256 private constant WORK = 1_800_000;

    function _move(address from, address to, uint256 value) internal override {
        uint256 before = gasleft();
        super._move(from, to, value);
        while (before - gasleft() < WORK) {}
    }
}

/// @title Calls back into the escrow in the middle of every transfer, and remembers whether that was let in.
contract ReentrantToken is TestToken {
    address public target;
    bytes public data;
    bool public wasLetIn;
    bytes4 public refusal;

    function aim(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    function _move(address from, address to, uint256 value) internal override {
        super._move(from, to, value);
        if (target == address(0)) return;
        (bool ok, bytes memory reply) = target.call(data);
        if (ok) wasLetIn = true;
        else refusal = bytes4(reply);
    }
}
