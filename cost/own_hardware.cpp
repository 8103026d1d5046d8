#include "cost/own_hardware.hpp"

#include "core/error.hpp"

namespace gpubench::cost {

own_hardware_hour hour_of(const own_hardware& machine) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw error(error_kind::usage, what);
  };
  require(machine.utilisation > 0 && machine.utilisation <= 1, "a utilisation lies above 0 and is at most 1");
  require(machine.pue >= 1, "a PUE is at least 1");
  require(machine.amortisation_years > 0, "a machine is amortised over more than no time");
  require(machine.purchase >= 0 && machine.resale >= 0 && machine.resale <= machine.purchase,
          "a resale value lies between 0 and the purchase price");
  require(machine.power_watts >= 0 && machine.energy_price_per_kwh >= 0 && machine.staff_per_year >= 0,
          "power, energy price and staff are not negative");
  const double worked_hours_per_year = hours_per_year * machine.utilisation;
  own_hardware_hour hour;
  hour.capital = (machine.purchase - machine.resale) / (machine.amortisation_years * worked_hours_per_year);
  hour.energy = machine.power_watts / 1000 * machine.pue * machine.energy_price_per_kwh;
  hour.staff = machine.staff_per_year / worked_hours_per_year;
  return hour;
}

commitment as_commitment(const own_hardware& machine) {
  const own_hardware_hour hour = hour_of(machine);
  return {machine.amortisation_years * hours_per_year * machine.utilisation, machine.purchase - machine.resale,
          hour.energy + hour.staff};
}

commitment kept_running(const own_hardware& machine) {
  return {machine.amortisation_years * hours_per_year, machine.purchase - machine.resale,
          hour_of(machine).energy + machine.staff_per_year / hours_per_year};
}

}  // namespace gpubench::cost
